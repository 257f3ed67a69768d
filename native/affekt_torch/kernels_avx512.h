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
#if defined(__AVX512BF16__) && !defined(AFFEKT_EMULATED_BFLOAT16)
  return (__m256i)_mm512_cvtneps_pbh(x);
#else
  I bits = _mm512_castps_si512(x);
  I odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  return _mm512_cvtepi32_epi16(
      _mm512_srli_epi32(_mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7FFF))), 16));
#endif
}

#ifdef __AVX512BF16__
// The sums plus the products of pairs: the upper ones first, as the instruction adds them.
INLINE F add_pairs(F sums, I a, I b) {
#ifdef AFFEKT_EMULATED_BFLOAT16
  const I upper = _mm512_set1_epi32(static_cast<int32_t>(0xFFFF0000));
  sums = _mm512_fmadd_ps(_mm512_castsi512_ps(_mm512_and_si512(a, upper)),
                         _mm512_castsi512_ps(_mm512_and_si512(b, upper)), sums);
  return _mm512_fmadd_ps(_mm512_castsi512_ps(_mm512_slli_epi32(a, 16)), _mm512_castsi512_ps(_mm512_slli_epi32(b, 16)),
                         sums);
#else
  return _mm512_dpbf16_ps(sums, (__m512bh)a, (__m512bh)b);
#endif
}
#endif

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

} // namespace
} // namespace AFFEKT_ISA
} // namespace affekt
