// Rows of pictures, channels innermost; compiled with kernels_avx512.h, once for each instruction set.
namespace affekt {
namespace AFFEKT_ISA {
namespace {

INLINE F leaky(F x, F slope) { return _mm512_max_ps(x, _mm512_mul_ps(x, slope)); }

// Pixels of a pooled row that are worked on together: with four sums each, enough to keep the multipliers busy.
constexpr int pooled_together = 2;

template <int Pixels> INLINE void first_pixels(const FirstRow &r, int64_t x) {
  F sums[Pixels][2][2]; // pooled pixel, row and column of its 2 x 2
#pragma GCC unroll 4
  for (int p = 0; p < Pixels; p++)
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
      sums[p][i / 2][i % 2] = _mm512_setzero_ps();
  const float *w = r.weights;
#pragma GCC unroll 3
  for (int row = 0; row < 3; row++)
#pragma GCC unroll 9
    for (int tap = 0; tap < 9; tap++, w += 16) { // column and channel: side by side in the picture as well
      const F weight = _mm512_loadu_ps(w);
#pragma GCC unroll 4
      for (int p = 0; p < Pixels; p++)
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++)
          sums[p][i / 2][i % 2] = _mm512_fmadd_ps(
              _mm512_set1_ps(r.picture[row + i / 2][(2 * (x + p) + i % 2) * 3 + tap]), weight, sums[p][i / 2][i % 2]);
    }
  const F bias = _mm512_loadu_ps(r.bias), slope = _mm512_set1_ps(r.slope);
#pragma GCC unroll 4
  for (int p = 0; p < Pixels; p++) {
    const F most =
        _mm512_max_ps(_mm512_max_ps(sums[p][0][0], sums[p][0][1]), _mm512_max_ps(sums[p][1][0], sums[p][1][1]));
    _mm512_storeu_ps(r.out + (x + p) * 16, leaky(_mm512_add_ps(most, bias), slope));
  }
}

void first_row(const FirstRow &r) {
  int64_t x = 0;
  for (; x + pooled_together <= r.width; x += pooled_together)
    first_pixels<pooled_together>(r, x);
  for (; x < r.width; x++)
    first_pixels<1>(r, x);
}

void depthwise_row(const DepthwiseRow &r) {
  for (int64_t c = 0; c < r.channels; c += 16) {
    F weights[3][3];
    for (int i = 0; i < 9; i++)
      weights[i / 3][i % 3] = _mm512_loadu_ps(r.weights + i * r.channels + c);
    for (int64_t x = 0; x < r.width; x++) {
      F sum = _mm512_setzero_ps();
#pragma GCC unroll 3
      for (int row = 0; row < 3; row++) {
        if (r.rows[row] == nullptr)
          continue;
        const float *middle = r.rows[row] + x * r.channels + c;
        if (x > 0)
          sum = _mm512_fmadd_ps(_mm512_loadu_ps(middle - r.channels), weights[row][0], sum);
        sum = _mm512_fmadd_ps(_mm512_loadu_ps(middle), weights[row][1], sum);
        if (x + 1 < r.width)
          sum = _mm512_fmadd_ps(_mm512_loadu_ps(middle + r.channels), weights[row][2], sum);
      }
      _mm512_storeu_ps(r.out + x * r.channels + c, sum);
    }
  }
}

void pool_row(const PoolRow &r) {
  const F slope = _mm512_set1_ps(r.slope);
  float *out = r.out;
  for (int64_t x = 0; x < r.width; x += r.stride, out += r.channels) {
    const int64_t next = x + 1 < r.width ? r.channels : 0;
    const float *upper = r.upper + x * r.channels, *lower = r.lower == nullptr ? upper : r.lower + x * r.channels;
    for (int64_t c = 0; c < r.channels; c += 16) {
      const F most = _mm512_max_ps(_mm512_max_ps(_mm512_loadu_ps(upper + c), _mm512_loadu_ps(upper + next + c)),
                                   _mm512_max_ps(_mm512_loadu_ps(lower + c), _mm512_loadu_ps(lower + next + c)));
      _mm512_storeu_ps(out + c, leaky(most, slope));
    }
  }
}

} // namespace
} // namespace AFFEKT_ISA
} // namespace affekt
