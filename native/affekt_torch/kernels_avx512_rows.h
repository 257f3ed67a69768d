// Norms, bytes and attention over rows; compiled with kernels_avx512.h and kernels_avx512_products.h.
namespace affekt {
namespace AFFEKT_ISA {
namespace {

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
                                 reinterpret_cast<int32_t *>(scores) + key, keys, false, {packed_keys, 0});
    float shares[tile_rows];
    for (int64_t r = 0; r < rows; r++)
      shares[r] = 1 / soften(reinterpret_cast<float *>(scores) + r * keys, a.length, weights + r * keys * size, a.kind,
                             value_steps * step);
    for (int64_t column = 0; column < a.width; column += panel_width) {
      tile_of<Step, false>(rows)(weights, keys * size, packed_values + column * value_steps * 4, value_steps, sums,
                                 panel_width, false, {packed_values, 0});
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
