// Convolutions over raw sound in use, one after the other: each is a product whose rows overlap.
#pragma once

#include "transformer.h"

namespace affekt {

struct SoundConvolution {
  Matrix matrix;       // [outputs, taps * inputs]; made anew for each sound where its norm depends on the sound
  bool paired = false; // then [outputs, 5 * inputs], as Kernels::paired_product takes them
  int64_t inputs, taps, stride;
  NormWeights norm; // over the channels of each frame, before the activation; or none

  int64_t frames(int64_t n) const { return n < taps ? 0 : (n - taps) / stride + 1; }
};

struct Convolutions {
  std::vector<SoundConvolution> parts;
  Activation activation;
  Kind states; // between the convolutions: f32 or bf16

  // The first convolution's weights [outputs, taps] and bias, where its channels are normalized over the whole sound.
  std::vector<float> first, first_bias;
  NormWeights sound_norm;

  int64_t frames(int64_t samples) const;
  int64_t width() const { return parts.back().matrix.weights().n; }

  // Samples to out [frames, width].
  void run(const float *sound, int64_t samples, float *out, int threads) const;

private:
  Matrix first_for(const float *sound, int64_t samples) const;
};

} // namespace affekt
