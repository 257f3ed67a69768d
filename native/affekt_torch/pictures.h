// A network over whole pictures in use: a convolution of 3 x 3, convolutions that are separated into one within each
// channel and one across channels, each with its pooling, and a linear map for each cell that is left.
#pragma once

#include "memory.h"
#include "team.h"

#include <vector>

namespace affekt {

struct SeparableLayer {
  std::vector<float> within; // [3][3][channels]
  Matrix across;             // [outputs, channels]
};

struct Pictures {
  std::vector<float> first; // [3][3][3][16], over bytes: what they are normalised by is part of it
  std::vector<float> first_bias;
  float slope; // of the activation below zero
  std::vector<SeparableLayer> layers;
  Matrix last;

  // Pixels of a cell's side: each pooling but the last, which keeps the size, halves.
  int64_t cell() const { return int64_t{1} << layers.size(); }
  int64_t outputs() const { return last.weights().n; }

  // rgb [count][height][width][3] to out [count][ceil(height / cell)][ceil(width / cell)][outputs]; black to the right
  // and below up to whole cells.
  void run(const uint8_t *rgb, int64_t count, int64_t height, int64_t width, float *out, int threads) const;
};

} // namespace affekt
