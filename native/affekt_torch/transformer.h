// Transformer encoders in use, whole: every layer over all rows in one call, without padding.
#pragma once

#include "memory.h"
#include "team.h"

#include <vector>

namespace affekt {

// Layer norm's parameters; without weights there is none.
struct NormWeights {
  std::vector<float> weight, bias;
  float epsilon = 0;
  bool empty() const { return weight.empty(); }
};

struct Layer {
  Matrix qkv, attended, up; // queries are scaled by 1 / sqrt(head width)
  std::vector<Matrix> down; // one for each part of the inputs
  NormWeights attention_norm, output_norm;
};

// x + activation(grouped convolution over the frames), padded with zeros to as many frames as there are.
struct Positions {
  std::vector<Matrix> groups; // each [outputs, taps * inputs]
  int64_t taps = 0;
  Activation activation = Activation::none;
};

struct Transformer {
  int64_t width, heads, inner;
  bool norm_first;
  Activation activation;
  Kind states; // of what lies between the products: f32 or bf16
  NormWeights input_norm;
  Matrix input;        // to the transformer's width; where empty, rows come as wide
  Positions positions; // where it has groups
  NormWeights norm;    // before the layers, or after them with pre-normalization
  int64_t rotated = 0; // features of a head that turn with its position
  std::vector<Layer> layers;

  int64_t input_width() const { return input.empty() ? width : input.weights().k; }

  // Sequences of rows of x (input_width wide) to the same rows of each out (width wide): the states after each layer,
  // or after the last where there is one out only. A sequence's result does not depend on the others, not in one bit.
  void run(const float *x, const std::vector<int64_t> &starts, const std::vector<int64_t> &lengths,
           const std::vector<float *> &outs, int threads) const;
};

} // namespace affekt
