// Products with packed weights; compiled with kernels_avx512.h, once for each instruction set.
namespace affekt {
namespace AFFEKT_ISA {
namespace {

// --- tiles -----------------------------------------------------------------------------------------------------------

// One step: 16 sums of 32 bits, to each of which the products of 32 bits of a with 32 bits of b are added.
struct StepF32 {
  using Sum = F;
  static INLINE Sum zero() { return _mm512_setzero_ps(); }
  static INLINE Sum add(Sum sum, I a, I b) {
    return _mm512_fmadd_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b), sum);
  }
  static INLINE Sum sum(I bits) { return _mm512_castsi512_ps(bits); }
  static INLINE I bits(Sum sum) { return _mm512_castps_si512(sum); }
};

struct StepU8 {
  using Sum = I;
  static INLINE Sum zero() { return _mm512_setzero_si512(); }
  static INLINE Sum add(Sum sum, I a, I b) { return _mm512_dpbusd_epi32(sum, a, b); }
  static INLINE Sum sum(I bits) { return bits; }
  static INLINE I bits(Sum sum) { return sum; }
};

#ifdef __AVX512BF16__
struct StepBf16 {
  using Sum = F;
  static INLINE Sum zero() { return _mm512_setzero_ps(); }
  static INLINE Sum add(Sum sum, I a, I b) { return add_pairs(sum, a, b); }
  static INLINE Sum sum(I bits) { return _mm512_castsi512_ps(bits); }
  static INLINE I bits(Sum sum) { return _mm512_castps_si512(sum); }
};
#endif

// What comes into the second-level cache while a tile is worked on: a line for each step, `stride` bytes after the one
// before.
struct Ahead {
  const char *from;
  int64_t stride;
};

// A tile's own inputs and weights come from the second-level cache into the first so many steps before their turn.
constexpr int64_t steps_ahead = 8;

// Rows x 32 sums over all steps, added to those in out or in their place; a and b in units of 32 bits. Where Gathered,
// a is [steps][16] as `gather` leaves it, else rows lda bytes apart.
template <class Step, int Rows, bool Gathered>
__attribute__((noinline)) void tile(const char *a, int64_t lda, const char *b, int64_t steps, int32_t *out, int64_t ldo,
                                    bool adds, Ahead ahead) {
  typename Step::Sum sums[Rows][vectors];
#pragma GCC unroll 16
  for (int r = 0; r < Rows; r++)
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++)
      sums[r][v] = adds ? Step::sum(_mm512_loadu_si512(out + r * ldo + v * 16)) : Step::zero();
  for (int64_t s = 0; s < steps; s++) {
    I columns[vectors];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) {
      columns[v] = _mm512_loadu_si512(b + v * 64);
      _mm_prefetch(b + (steps_ahead * vectors + v) * 64, _MM_HINT_T0);
    }
    if (Gathered)
      _mm_prefetch(a + steps_ahead * 64, _MM_HINT_T0);
    _mm_prefetch(ahead.from, _MM_HINT_T1);
    ahead.from += ahead.stride;
#pragma GCC unroll 16
    for (int r = 0; r < Rows; r++) {
      int32_t bits;
      __builtin_memcpy(&bits, a + r * (Gathered ? 4 : lda), 4);
      I element = _mm512_set1_epi32(bits);
#pragma GCC unroll 2
      for (int v = 0; v < vectors; v++)
        sums[r][v] = Step::add(sums[r][v], element, columns[v]);
    }
    a += Gathered ? 64 : 4;
    b += vectors * 64;
  }
#pragma GCC unroll 16
  for (int r = 0; r < Rows; r++)
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++)
      _mm512_storeu_si512(out + r * ldo + v * 16, Step::bits(sums[r][v]));
}

using Tile = void (*)(const char *a, int64_t lda, const char *b, int64_t steps, int32_t *out, int64_t ldo, bool adds,
                      Ahead ahead);

template <class Step, bool Gathered> INLINE Tile tile_of(int64_t rows) {
  static const Tile tiles[tile_rows] = {tile<Step, 1, Gathered>,  tile<Step, 2, Gathered>,  tile<Step, 3, Gathered>,
                                        tile<Step, 4, Gathered>,  tile<Step, 5, Gathered>,  tile<Step, 6, Gathered>,
                                        tile<Step, 7, Gathered>,  tile<Step, 8, Gathered>,  tile<Step, 9, Gathered>,
                                        tile<Step, 10, Gathered>, tile<Step, 11, Gathered>, tile<Step, 12, Gathered>,
                                        tile<Step, 13, Gathered>, tile<Step, 14, Gathered>};
  return tiles[rows - 1];
}

// Rows of the next tile, so that all that are left are about equally high: a tile of few rows waits for its weights.
INLINE int64_t next_rows(int64_t left) { return divided_up(left, divided_up(left, tile_rows)); }

// 16 rows of 16 elements of 32 bits become 16 columns. Rows and elements that are not there count as zero. Where
// Differs, they are f32, and what lies `less` bytes behind each is taken from it.
template <bool Differs = false>
INLINE void transpose(const char *from, int64_t ld, int64_t rows, __mmask16 elements, char *to, int64_t ldt,
                      int64_t less = 0) {
  I r[16], t[16];
#pragma GCC unroll 16
  for (int i = 0; i < 16; i++) {
    r[i] = i < rows ? _mm512_maskz_loadu_epi32(elements, from + i * ld) : _mm512_setzero_si512();
    if (Differs && i < rows)
      r[i] = _mm512_castps_si512(
          _mm512_sub_ps(_mm512_castsi512_ps(r[i]), _mm512_maskz_loadu_ps(elements, from + i * ld + less)));
  }
#pragma GCC unroll 16
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  // r[4g + c] holds, in each lane l of 128 bits, element 4l + c of rows 4g..4g+3.
#pragma GCC unroll 4
  for (int c = 0; c < 4; c++) {
    I a = _mm512_shuffle_i32x4(r[c], r[4 + c], 0x88), b = _mm512_shuffle_i32x4(r[8 + c], r[12 + c], 0x88);
    I d = _mm512_shuffle_i32x4(r[c], r[4 + c], 0xDD), e = _mm512_shuffle_i32x4(r[8 + c], r[12 + c], 0xDD);
    _mm512_storeu_si512(to + (c)*ldt, _mm512_shuffle_i32x4(a, b, 0x88));
    _mm512_storeu_si512(to + (8 + c) * ldt, _mm512_shuffle_i32x4(a, b, 0xDD));
    _mm512_storeu_si512(to + (4 + c) * ldt, _mm512_shuffle_i32x4(d, e, 0x88));
    _mm512_storeu_si512(to + (12 + c) * ldt, _mm512_shuffle_i32x4(d, e, 0xDD));
  }
}

// --- products --------------------------------------------------------------------------------------------------------

// A tile's sums to a product's outputs.
INLINE void finish(const Product &p, const int32_t *sums, int64_t row, int64_t rows, int64_t column) {
  const Weights &w = *p.weights;
  for (int64_t v = 0; v < panel_width; v += 16) {
    if (column + v >= w.n)
      return;
    const __mmask16 mask = lanes(w.n - column - v);
    const F bias = w.bias ? _mm512_loadu_ps(w.bias + column + v) : _mm512_setzero_ps();
    for (int64_t r = 0; r < rows; r++) {
      I sum = _mm512_loadu_si512(sums + r * panel_width + v);
      F x;
      if (w.kind == Kind::u8) {
        I shift = _mm512_mullo_epi32(_mm512_set1_epi32(p.row_zero[row + r]), _mm512_loadu_si512(w.sums + column + v));
        F scale = _mm512_mul_ps(_mm512_set1_ps(p.row_scale[row + r]), _mm512_loadu_ps(w.scale + column + v));
        x = _mm512_fmadd_ps(_mm512_cvtepi32_ps(_mm512_sub_epi32(sum, shift)), scale, bias);
      } else {
        x = _mm512_add_ps(_mm512_castsi512_ps(sum), bias);
      }
      x = activate(x, p.activation);
      if (p.residual)
        x = _mm512_add_ps(x, _mm512_maskz_loadu_ps(mask, p.residual + (row + r) * p.ldr + column + v));
      store(row_at(p.out, p.out_kind, (row + r) * p.ldo), p.out_kind, column + v, mask, x);
    }
  }
}

// Bytes of inputs, and of inputs and a panel of weights, that stay in a second-level cache of a megabyte. The more rows
// there are at once, the more rarely all weights come from memory.
constexpr int64_t gathered_bytes = 640 * 1024, cached_bytes = 800 * 1024;

// With fewer rows, laying them out costs more than it saves.
constexpr int64_t least_gathered_rows = 2 * tile_rows;

// A tile's rows side by side, [steps][16]: one line of the cache for each step, whatever the rows' distance.
template <bool Differs = false>
INLINE void gather(const char *a, int64_t lda, int64_t rows, int64_t steps, char *to, int64_t less = 0) {
  alignas(64) char spare[16 * 64];
  for (int64_t s = 0; s < steps; s += 16) {
    const bool whole = s + 16 <= steps;
    transpose<Differs>(a + s * 4, lda, rows, lanes(steps - s), whole ? to + s * 64 : spare, 64, less);
    for (int64_t i = 0; !whole && i < steps - s; i++)
      _mm512_store_si512(to + (s + i) * 64, _mm512_load_si512(spare + i * 64));
  }
}

// Where a thread's tiles lie side by side: one room for every kind of product, since a thread works on one at a time.
inline char *gathered_room() {
  static thread_local char room[gathered_bytes + 64];
  return room + (-reinterpret_cast<intptr_t>(room) & 63);
}

struct Panels {
  int64_t first, last;
};

INLINE Panels take(const Product &p) {
  const int64_t all = divided_up(p.weights->n, panel_width);
  const int64_t first = __atomic_fetch_add(p.taken, p.at_once, __ATOMIC_RELAXED), last = first + p.at_once;
  return {first, last < all ? last : all};
}

template <class Step> void product_of(const Product &p, int64_t first_panel, int64_t last_panel) {
  const Weights &w = *p.weights;
  const int64_t size = element_size(w.kind), lda = p.lda * size, panel_bytes = w.steps * panel_width * 4;
  const char *a = static_cast<const char *>(p.a), *b = static_cast<const char *>(w.data);
  char *gathered = gathered_room();
  const int64_t left = cached_bytes - panel_bytes < gathered_bytes ? cached_bytes - panel_bytes : gathered_bytes;
  const int64_t tiles_at_once = left / (w.steps * 64);
  const bool gathers = p.rows >= least_gathered_rows && tiles_at_once > 0;
  // As many blocks of rows as the cache asks for, about equally high: each reads all the weights.
  const int64_t blocks = gathers ? divided_up(p.rows, tiles_at_once * tile_rows) : 1;
  const int64_t block = divided_up(p.rows, blocks);
  alignas(64) int32_t sums[tile_rows * panel_width];
  for (int64_t from = 0; from < p.rows; from += block) {
    const int64_t to = from + block < p.rows ? from + block : p.rows, tiles = divided_up(to - from, tile_rows);
    for (int64_t row = from, rows, i = 0; gathers && row < to; row += rows, i++) {
      rows = next_rows(to - row);
      gather(a + row * lda, lda, rows, w.steps, gathered + i * w.steps * 64);
    }
    const bool takes = p.taken && block >= p.rows;
    for (Panels now = takes ? take(p) : Panels{first_panel, last_panel}, next; now.first < now.last; now = next) {
      next = takes ? take(p) : Panels{0, 0};
      for (int64_t panel = now.first; panel < now.last; panel++) {
        const char *columns = b + panel * panel_bytes;
        const int64_t follows = panel + 1 < now.last ? panel + 1 : next.first < next.last ? next.first : panel;
        for (int64_t row = from, rows, i = 0; row < to; row += rows, i++) {
          rows = next_rows(to - row);
          const Ahead ahead = {b + follows * panel_bytes + i * panel_bytes / tiles, vectors * 64 / tiles};
          if (gathers)
            tile_of<Step, true>(rows)(gathered + i * w.steps * 64, 0, columns, w.steps, sums, panel_width, false,
                                      ahead);
          else
            tile_of<Step, false>(rows)(a + row * lda, lda, columns, w.steps, sums, panel_width, false, ahead);
          finish(p, sums, row, rows, panel * panel_width);
        }
      }
    }
  }
}

void product(const Product &p, int64_t first_panel, int64_t last_panel) {
  switch (p.weights->kind) {
  case Kind::f32:
    product_of<StepF32>(p, first_panel, last_panel);
    break;
  case Kind::u8:
    product_of<StepU8>(p, first_panel, last_panel);
    break;
#ifdef __AVX512BF16__
  case Kind::bf16:
    product_of<StepBf16>(p, first_panel, last_panel);
    break;
#endif
  default:
    break;
  }
}

} // namespace
} // namespace AFFEKT_ISA
} // namespace affekt
