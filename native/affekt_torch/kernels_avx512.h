// Compiled once for each instruction set, in a namespace of its own (AFFEKT_ISA). Everything here is local to the file
// that includes it.
#include "kernels.h"

#include <immintrin.h>

#define INLINE inline __attribute__((always_inline))

namespace affekt {
namespace AFFEKT_ISA {
namespace {

using F = __m512;
using I = __m512i;

constexpr int vectors = panel_width / 16;

INLINE __mmask16 lanes(int64_t left) {
  return left >= 16 ? static_cast<__mmask16>(0xFFFF) : static_cast<__mmask16>((1u << left) - 1);
}

// --- bfloat16 --------------------------------------------------------------------------------------------------------

INLINE F widen(__m256i half) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16)); }

// Rounded to nearest, ties to even.
INLINE __m256i narrow(F x) {
#ifdef __AVX512BF16__
  return (__m256i)_mm512_cvtneps_pbh(x);
#else
  I bits = _mm512_castps_si512(x);
  I odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  return _mm512_cvtepi32_epi16(
      _mm512_srli_epi32(_mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7FFF))), 16));
#endif
}

INLINE F load(const void *row, Kind kind, int64_t i, __mmask16 mask) {
  return kind == Kind::f32 ? _mm512_maskz_loadu_ps(mask, static_cast<const float *>(row) + i)
                           : widen(_mm256_maskz_loadu_epi16(mask, static_cast<const uint16_t *>(row) + i));
}

INLINE void store(void *row, Kind kind, int64_t i, __mmask16 mask, F x) {
  if (kind == Kind::f32)
    _mm512_mask_storeu_ps(static_cast<float *>(row) + i, mask, x);
  else
    _mm256_mask_storeu_epi16(static_cast<uint16_t *>(row) + i, mask, narrow(x));
}

INLINE const void *row_at(const void *x, Kind kind, int64_t elements) {
  return static_cast<const char *>(x) + elements * element_size(kind);
}

INLINE void *row_at(void *x, Kind kind, int64_t elements) {
  return static_cast<char *>(x) + elements * element_size(kind);
}

// --- functions -------------------------------------------------------------------------------------------------------

// e^x by 2^n times a polynomial on [-ln 2 / 2, ln 2 / 2] (the coefficients are those of Taylor's series, whose error
// there is below 2e-8); relative error below 2e-7.
INLINE F exponential(F x) {
  x = _mm512_max_ps(x, _mm512_set1_ps(-87.3f));
  F n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504088896341f)),
                             _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  F r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375f), x);
  r = _mm512_fnmadd_ps(n, _mm512_set1_ps(-2.12194440e-4f), r);
  F p = _mm512_set1_ps(1.0f / 720);
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f / 120));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f / 24));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f / 6));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.5f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f));
  return _mm512_scalef_ps(p, n);
}

// x (1 + erf(x / sqrt 2)) / 2, with Abramowitz and Stegun's 7.1.26 for erf: absolute error below 1.5e-7.
INLINE F gelu(F x) {
  F z = _mm512_mul_ps(_mm512_abs_ps(x), _mm512_set1_ps(0.70710678118654752f));
  F denominator = _mm512_fmadd_ps(z, _mm512_set1_ps(0.3275911f), _mm512_set1_ps(1.0f));
  F t = _mm512_rcp14_ps(denominator);
  t = _mm512_mul_ps(t, _mm512_fnmadd_ps(denominator, t, _mm512_set1_ps(2.0f))); // Newton's step: to single precision
  F p = _mm512_set1_ps(0.5f * 1.061405429f);
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(0.5f * -1.453152027f));
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(0.5f * 1.421413741f));
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(0.5f * -0.284496736f));
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(0.5f * 0.254829592f));
  F tail = _mm512_mul_ps(_mm512_mul_ps(p, t), exponential(_mm512_fnmadd_ps(z, z, _mm512_setzero_ps())));
  __mmask16 negative = _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LT_OQ);
  F share = _mm512_mask_mov_ps(_mm512_sub_ps(_mm512_set1_ps(1.0f), tail), negative, tail);
  return _mm512_mul_ps(x, share);
}

// 1 - 2 / (e^2x + 1); beyond 20 the quotient is lost in rounding.
INLINE F hyperbolic_tangent(F x) {
  F e = exponential(_mm512_mul_ps(_mm512_min_ps(x, _mm512_set1_ps(20.0f)), _mm512_set1_ps(2.0f)));
  return _mm512_sub_ps(_mm512_set1_ps(1.0f),
                       _mm512_div_ps(_mm512_set1_ps(2.0f), _mm512_add_ps(e, _mm512_set1_ps(1.0f))));
}

INLINE F activate(F x, Activation activation) {
  switch (activation) {
  case Activation::relu:
    return _mm512_max_ps(x, _mm512_setzero_ps());
  case Activation::gelu:
    return gelu(x);
  case Activation::tanh:
    return hyperbolic_tangent(x);
  default:
    return x;
  }
}

// --- tiles -----------------------------------------------------------------------------------------------------------

// One step: 16 sums of 32 bits, to each of which the products of 32 bits of a with 32 bits of b are added.
struct StepF32 {
  using Sum = F;
  static INLINE Sum zero() { return _mm512_setzero_ps(); }
  static INLINE Sum add(Sum sum, I a, I b) {
    return _mm512_fmadd_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b), sum);
  }
  static INLINE I bits(Sum sum) { return _mm512_castps_si512(sum); }
};

struct StepU8 {
  using Sum = I;
  static INLINE Sum zero() { return _mm512_setzero_si512(); }
  static INLINE Sum add(Sum sum, I a, I b) { return _mm512_dpbusd_epi32(sum, a, b); }
  static INLINE I bits(Sum sum) { return sum; }
};

#ifdef __AVX512BF16__
struct StepBf16 {
  using Sum = F;
  static INLINE Sum zero() { return _mm512_setzero_ps(); }
  static INLINE Sum add(Sum sum, I a, I b) { return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b); }
  static INLINE I bits(Sum sum) { return _mm512_castps_si512(sum); }
};
#endif

// What comes into the cache while a tile is worked on: two lines for each step, `stride` bytes after those before.
struct Ahead {
  const char *from;
  int64_t stride;
};

// Rows x 32 sums over all steps; a and b in units of 32 bits. Where Gathered, a is [steps][16] as `gather` leaves it,
// else rows lda bytes apart.
template <class Step, int Rows, bool Gathered>
__attribute__((noinline)) void tile(const char *a, int64_t lda, const char *b, int64_t steps, int32_t *out, int64_t ldo,
                                    Ahead ahead) {
  typename Step::Sum sums[Rows][vectors];
#pragma GCC unroll 16
  for (int r = 0; r < Rows; r++)
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++)
      sums[r][v] = Step::zero();
  for (int64_t s = 0; s < steps; s++) {
    I columns[vectors];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) {
      columns[v] = _mm512_loadu_si512(b + v * 64);
      _mm_prefetch(ahead.from + v * 64, _MM_HINT_T1);
    }
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

using Tile = void (*)(const char *a, int64_t lda, const char *b, int64_t steps, int32_t *out, int64_t ldo, Ahead ahead);

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

// 16 rows of 16 elements of 32 bits become 16 columns. Rows and elements that are not there count as zero.
INLINE void transpose(const char *from, int64_t ld, int64_t rows, __mmask16 elements, char *to, int64_t ldt) {
  I r[16], t[16];
#pragma GCC unroll 16
  for (int i = 0; i < 16; i++)
    r[i] = i < rows ? _mm512_maskz_loadu_epi32(elements, from + i * ld) : _mm512_setzero_si512();
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
// there are at once, the seldomer all weights come from memory.
constexpr int64_t gathered_bytes = 640 * 1024, cached_bytes = 800 * 1024;

// With fewer rows, laying them out costs more than it saves.
constexpr int64_t least_gathered_rows = 2 * tile_rows;

// A tile's rows side by side, [steps][16]: one line of the cache for each step, whatever the rows' distance.
INLINE void gather(const char *a, int64_t lda, int64_t rows, int64_t steps, char *to) {
  alignas(64) char spare[16 * 64];
  for (int64_t s = 0; s < steps; s += 16) {
    const bool whole = s + 16 <= steps;
    transpose(a + s * 4, lda, rows, lanes(steps - s), whole ? to + s * 64 : spare, 64);
    for (int64_t i = 0; !whole && i < steps - s; i++)
      _mm512_store_si512(to + (s + i) * 64, _mm512_load_si512(spare + i * 64));
  }
}

template <class Step> void product_of(const Product &p, int64_t first_panel, int64_t last_panel) {
  static thread_local char gathered_here[gathered_bytes + 64];
  const Weights &w = *p.weights;
  const int64_t size = element_size(w.kind), lda = p.lda * size, panel_bytes = w.steps * panel_width * 4;
  const char *a = static_cast<const char *>(p.a), *b = static_cast<const char *>(w.data);
  char *gathered = gathered_here + (-reinterpret_cast<intptr_t>(gathered_here) & 63);
  const int64_t left = cached_bytes - panel_bytes < gathered_bytes ? cached_bytes - panel_bytes : gathered_bytes;
  const int64_t tiles_at_once = left / (w.steps * 64);
  const bool gathers = p.rows >= least_gathered_rows && tiles_at_once > 0;
  const int64_t block = gathers ? tiles_at_once * tile_rows : p.rows;
  alignas(64) int32_t sums[tile_rows * panel_width];
  for (int64_t from = 0; from < p.rows; from += block) {
    const int64_t to = from + block < p.rows ? from + block : p.rows, tiles = divided_up(to - from, tile_rows);
    for (int64_t row = from, rows, i = 0; gathers && row < to; row += rows, i++) {
      rows = next_rows(to - row);
      gather(a + row * lda, lda, rows, w.steps, gathered + i * w.steps * 64);
    }
    for (int64_t panel = first_panel; panel < last_panel; panel++) {
      const char *columns = b + panel * panel_bytes;
      const char *next = panel + 1 < last_panel ? columns + panel_bytes : columns;
      for (int64_t row = from, rows, i = 0; row < to; row += rows, i++) {
        rows = next_rows(to - row);
        const Ahead ahead = {next + i * panel_bytes / tiles, vectors * 64 / tiles};
        if (gathers)
          tile_of<Step, true>(rows)(gathered + i * w.steps * 64, 0, columns, w.steps, sums, panel_width, ahead);
        else
          tile_of<Step, false>(rows)(a + row * lda, lda, columns, w.steps, sums, panel_width, ahead);
        finish(p, sums, row, rows, panel * panel_width);
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

// --- rows ------------------------------------------------------------------------------------------------------------

INLINE void quantize_row(const void *x, Kind kind, int64_t width, const Quantized &out, int64_t row) {
  F least = _mm512_setzero_ps(), most = _mm512_setzero_ps(); // 0 always has an exact value: padding and ReLU
  for (int64_t i = 0; i < width; i += 16) {
    F v = load(x, kind, i, lanes(width - i));
    least = _mm512_min_ps(least, v);
    most = _mm512_max_ps(most, v);
  }
  const float low = _mm512_reduce_min_ps(least), high = _mm512_reduce_max_ps(most);
  float scale = (high - low) / 255;
  scale = scale < 1e-30f ? 1e-30f : scale;
  const int32_t zero = _mm_cvtss_si32(_mm_set_ss(-low / scale));
  const F inverse = _mm512_set1_ps(1 / scale);
  const I shift = _mm512_set1_epi32(zero);
  uint8_t *q = out.data + row * out.ld;
  for (int64_t i = 0; i < width; i += 16) {
    __mmask16 mask = lanes(width - i);
    I v = _mm512_add_epi32(_mm512_cvtps_epi32(_mm512_mul_ps(load(x, kind, i, mask), inverse)), shift);
    v = _mm512_max_epi32(v, _mm512_setzero_si512());
    _mm_mask_storeu_epi8(q + i, mask, _mm512_cvtusepi32_epi8(v));
  }
  for (int64_t i = width; i < out.ld; i++)
    q[i] = 0;
  out.scale[row] = scale;
  out.zero[row] = zero;
}

void quantize(const void *x, Kind kind, int64_t ld, int64_t width, const Quantized &out, int64_t first_row,
              int64_t last_row) {
  for (int64_t row = first_row; row < last_row; row++)
    quantize_row(row_at(x, kind, row * ld), kind, width, out, row);
}

void norm(const Norm &n, int64_t first_row, int64_t last_row) {
  constexpr int64_t most = 8192; // features that a row's copy on the stack holds
  alignas(64) float own[most];
  for (int64_t row = first_row; row < last_row; row++) {
    const void *x = row_at(n.x, n.x_kind, row * n.ld);
    F total = _mm512_setzero_ps();
    for (int64_t i = 0; i < n.width; i += 16)
      total = _mm512_add_ps(total, load(x, n.x_kind, i, lanes(n.width - i)));
    const F mean = _mm512_set1_ps(_mm512_reduce_add_ps(total) / static_cast<float>(n.width));
    F squares = _mm512_setzero_ps();
    for (int64_t i = 0; i < n.width; i += 16) {
      __mmask16 mask = lanes(n.width - i);
      F d = _mm512_maskz_sub_ps(mask, load(x, n.x_kind, i, mask), mean);
      squares = _mm512_fmadd_ps(d, d, squares);
    }
    const float variance = _mm512_reduce_add_ps(squares) / static_cast<float>(n.width);
    const F scale = _mm512_set1_ps(1 / __builtin_sqrtf(variance + n.epsilon));
    float *y = n.out ? n.out + row * n.ldo : own;
    for (int64_t i = 0; i < n.width; i += 16) {
      __mmask16 mask = lanes(n.width - i);
      F v = _mm512_mul_ps(_mm512_sub_ps(load(x, n.x_kind, i, mask), mean), scale);
      v = _mm512_mul_ps(v, _mm512_maskz_loadu_ps(mask, n.weight + i));
      if (n.bias)
        v = _mm512_add_ps(v, _mm512_maskz_loadu_ps(mask, n.bias + i));
      v = activate(v, n.activation);
      if (n.out || n.quantized.data)
        _mm512_mask_storeu_ps(y + i, mask, v);
      if (n.half)
        _mm256_mask_storeu_epi16(n.half + row * n.ldh + i, mask, narrow(v));
    }
    if (n.quantized.data)
      quantize_row(y, Kind::f32, n.width, n.quantized, row);
  }
}

void to_half(const float *x, uint16_t *out, int64_t count) {
  for (int64_t i = 0; i < count; i += 16)
    store(out, Kind::bf16, i, lanes(count - i), load(x, Kind::f32, i, lanes(count - i)));
}

// --- attention -------------------------------------------------------------------------------------------------------

// Keys [length, width] as panels [step][32][step_width].
INLINE void pack_keys(const Attention &a, char *to, int64_t steps) {
  const int64_t size = element_size(a.kind), ld = a.ld * size;
  const char *from = static_cast<const char *>(a.k);
  alignas(64) char spare[16 * 64];
  for (int64_t key = 0; key < divided_up(a.length, panel_width) * panel_width; key += 16) {
    char *panel = to + key / panel_width * steps * panel_width * 4 + key % panel_width * 4;
    for (int64_t s = 0; s < steps; s += 16) {
      const bool whole = s + 16 <= steps;
      char *target = whole ? panel + s * panel_width * 4 : spare;
      transpose(from + key * ld + s * 4, ld, a.length - key, lanes(steps - s), target, whole ? panel_width * 4 : 64);
      for (int64_t i = 0; !whole && i < steps - s; i++)
        _mm512_storeu_si512(panel + (s + i) * panel_width * 4, _mm512_load_si512(spare + i * 64));
    }
  }
}

// Values [length, width] as panels [step][32][step_width].
INLINE void pack_values(const Attention &a, char *to, int64_t steps) {
  for (int64_t s = 0; s < steps; s++) {
    for (int64_t i = 0; i < a.width; i += 16) {
      const __mmask16 mask = lanes(a.width - i);
      char *panel = to + (i / panel_width * steps + s) * panel_width * 4 + i % panel_width * 4;
      if (a.kind == Kind::f32) {
        _mm512_storeu_ps(panel, _mm512_maskz_loadu_ps(mask, static_cast<const float *>(a.v) + s * a.ld + i));
        continue;
      }
      const uint16_t *v = static_cast<const uint16_t *>(a.v) + 2 * s * a.ld + i;
      I pair = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, v));
      if (2 * s + 1 < a.length)
        pair = _mm512_or_si512(pair,
                               _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, v + a.ld)), 16));
      _mm512_storeu_si512(panel, pair);
    }
  }
}

// e^(x - largest) of one row in its kind, zeros behind; the sum of what is written.
INLINE float soften(const float *scores, int64_t length, void *out, Kind kind, int64_t padded) {
  F most = _mm512_set1_ps(-3.4e38f);
  for (int64_t i = 0; i < length; i += 16) {
    __mmask16 mask = lanes(length - i);
    most = _mm512_mask_max_ps(most, mask, most, _mm512_maskz_loadu_ps(mask, scores + i));
  }
  const F largest = _mm512_set1_ps(_mm512_reduce_max_ps(most));
  F total = _mm512_setzero_ps();
  for (int64_t i = 0; i < padded; i += 16) {
    __mmask16 mask = i < length ? lanes(length - i) : 0;
    F e = _mm512_maskz_mov_ps(mask, exponential(_mm512_sub_ps(_mm512_maskz_loadu_ps(mask, scores + i), largest)));
    if (kind == Kind::bf16) {
      __m256i half = narrow(e);
      e = widen(half); // the sum is of what the product sees
      _mm256_mask_storeu_epi16(static_cast<uint16_t *>(out) + i, lanes(padded - i), half);
    } else {
      _mm512_mask_storeu_ps(static_cast<float *>(out) + i, lanes(padded - i), e);
    }
    total = _mm512_add_ps(total, e);
  }
  return _mm512_reduce_add_ps(total);
}

template <class Step> void attend_of(const Attention &a) {
  const int64_t size = element_size(a.kind), step = step_width(a.kind);
  const int64_t keys = divided_up(a.length, panel_width) * panel_width;
  const int64_t features = divided_up(a.width, panel_width) * panel_width;
  const int64_t key_steps = divided_up(a.width, step), value_steps = divided_up(a.length, step);
  char *packed_keys = static_cast<char *>(a.scratch);
  char *packed_values = packed_keys + keys * key_steps * 4;
  char *scores = packed_values + features * value_steps * 4;
  char *weights = scores + tile_rows * keys * 4;
  pack_keys(a, packed_keys, key_steps);
  pack_values(a, packed_values, value_steps);
  alignas(64) int32_t sums[tile_rows * panel_width];
  for (int64_t row = 0, rows; row < a.length; row += rows) {
    rows = next_rows(a.length - row);
    const char *q = static_cast<const char *>(a.q) + row * a.ld * size;
    for (int64_t key = 0; key < keys; key += panel_width)
      tile_of<Step, false>(rows)(q, a.ld * size, packed_keys + key * key_steps * 4, key_steps,
                                 reinterpret_cast<int32_t *>(scores) + key, keys, {packed_keys, 0});
    float shares[tile_rows];
    for (int64_t r = 0; r < rows; r++)
      shares[r] = 1 / soften(reinterpret_cast<float *>(scores) + r * keys, a.length, weights + r * keys * size, a.kind,
                             value_steps * step);
    for (int64_t column = 0; column < a.width; column += panel_width) {
      tile_of<Step, false>(rows)(weights, keys * size, packed_values + column * value_steps * 4, value_steps, sums,
                                 panel_width, {packed_values, 0});
      for (int64_t r = 0; r < rows; r++)
        for (int64_t v = 0; v < panel_width && column + v < a.width; v += 16)
          store(row_at(a.out, a.kind, (row + r) * a.ldo), a.kind, column + v, lanes(a.width - column - v),
                _mm512_mul_ps(_mm512_castsi512_ps(_mm512_load_si512(sums + r * panel_width + v)),
                              _mm512_set1_ps(shares[r])));
    }
  }
}

void attend(const Attention &a) {
#ifdef __AVX512BF16__
  if (a.kind == Kind::bf16)
    return attend_of<StepBf16>(a);
#endif
  attend_of<StepF32>(a);
}

} // namespace
} // namespace AFFEKT_ISA
} // namespace affekt
