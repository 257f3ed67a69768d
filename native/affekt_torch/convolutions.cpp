#include "convolutions.h"

#include <algorithm>
#include <cmath>

namespace affekt {

namespace {

// Frames at the end of the convolutions that go through all of them together, at most: enough rows for the last
// convolutions to be worth reading their weights, few enough for what lies between to stay in the processor's cache.
constexpr int64_t most_together = 40;

} // namespace

int64_t Convolutions::frames(int64_t samples) const {
  for (const SoundConvolution &part : parts)
    samples = part.frames(samples);
  return samples;
}

// Group norm over time, with a group for each channel, only scales and shifts the convolution's outputs. Their mean and
// variance follow from those of the samples under the taps, so the norm becomes part of the weights and the outputs
// need not be there all at once.
Matrix Convolutions::first_for(const float *sound, int64_t samples) const {
  const SoundConvolution &part = parts[0];
  const int64_t taps = part.taps, frames = part.frames(samples), outputs = part.matrix.weights().n;
  const size_t size = static_cast<size_t>(taps);
  std::vector<double> mean(size, 0), products(size * size, 0);
  for (int64_t t = 0; t < frames; t++) {
    const float *x = sound + t * part.stride;
    for (size_t i = 0; i < size; i++) {
      mean[i] += x[i];
      for (size_t j = 0; j <= i; j++)
        products[i * size + j] += static_cast<double>(x[i]) * x[j];
    }
  }
  for (double &value : mean)
    value /= static_cast<double>(frames);
  std::vector<float> weights(first.size()), bias(static_cast<size_t>(outputs));
  for (size_t c = 0; c < bias.size(); c++) {
    const float *w = first.data() + c * size;
    double middle = first_bias.empty() ? 0 : first_bias[c], variance = 0;
    for (size_t i = 0; i < size; i++) {
      middle += w[i] * mean[i];
      for (size_t j = 0; j <= i; j++) {
        const double together = products[i * size + j] / static_cast<double>(frames) - mean[i] * mean[j];
        variance += (i == j ? 1 : 2) * static_cast<double>(w[i]) * w[j] * together;
      }
    }
    const double scale = sound_norm.weight[c] / std::sqrt(std::max(variance, 0.0) + sound_norm.epsilon);
    for (size_t i = 0; i < size; i++)
      weights[c * size + i] = static_cast<float>(w[i] * scale);
    bias[c] = static_cast<float>(sound_norm.bias[c] + ((first_bias.empty() ? 0 : first_bias[c]) - middle) * scale);
  }
  return Matrix(Kind::f32, weights.data(), outputs, taps, taps, bias.data());
}

void Convolutions::run(const float *sound, int64_t samples, float *out, int threads) const {
  const Kernels &k = *kernels();
  const Matrix first_matrix = sound_norm.empty() ? Matrix() : first_for(sound, samples);
  // Blocks of one size, as many for each thread.
  const int64_t total = frames(samples), blocks = threads * divided_up(total, threads * most_together);
  // Even numbers, so that the same outputs make a pair however many threads there are.
  auto start_of = [&](int64_t block) { return block == blocks ? total : total * block / blocks / 2 * 2; };
  std::atomic<int64_t> next{0};
  together(threads, [&](int, int) {
    for (int64_t block; (block = next.fetch_add(1)) < blocks;) {
      const int64_t from = start_of(block), count = start_of(block + 1) - from;
      if (count == 0)
        continue;
      // What each convolution has to give, from the last to the first.
      std::vector<int64_t> rows(parts.size());
      int64_t start = from;
      rows.back() = count;
      for (size_t i = parts.size(); i-- > 0;) {
        start *= parts[i].stride;
        if (i > 0)
          rows[i - 1] = (rows[i] - 1) * parts[i].stride + parts[i].taps;
      }
      int64_t most = 0;
      for (size_t i = 0; i + 1 < parts.size(); i++)
        most = std::max(most, rows[i] * parts[i].matrix.weights().n * 4);
      const Scratch room(2 * (most + 128));
      Parts memory(room.data());
      char *const buffers[2] = {memory.take<char>(most + 64), memory.take<char>(most + 64)};
      const void *x = sound + start;
      for (size_t i = 0; i < parts.size(); i++) {
        const SoundConvolution &part = parts[i];
        const Matrix &matrix = i == 0 && !first_matrix.empty() ? first_matrix : part.matrix;
        const int64_t outputs = matrix.weights().n;
        const bool last = i + 1 == parts.size();
        void *y = last ? static_cast<void *>(out + from * outputs) : buffers[i % 2];
        const Kind kind = last ? Kind::f32 : states;
        const Activation then = part.norm.empty() ? activation : Activation::none;
        const int64_t distance = part.paired ? part.inputs : part.stride * part.inputs;
        const Product product{x,    distance, rows[i], nullptr, nullptr, &matrix.weights(),
                              then, nullptr,  0,       y,       outputs, kind};
        (part.paired ? k.paired_product : k.product)(product, 0, matrix.panels());
        if (!part.norm.empty())
          k.norm({y,
                  kind,
                  outputs,
                  outputs,
                  part.norm.weight.data(),
                  part.norm.bias.data(),
                  part.norm.epsilon,
                  activation,
                  kind == Kind::f32 ? static_cast<float *>(y) : nullptr,
                  outputs,
                  kind == Kind::f32 ? nullptr : static_cast<uint16_t *>(y),
                  outputs,
                  {nullptr, 0, nullptr, nullptr}},
                 0, rows[i]);
        x = y;
      }
    }
  });
}

} // namespace affekt
