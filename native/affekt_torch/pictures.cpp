#include "pictures.h"

#include <algorithm>

namespace affekt {

namespace {

constexpr int64_t first_outputs = 16;

// A layer's input: rows of so many pixels and channels.
struct Size {
  int64_t height, width, channels;
  int64_t row() const { return width * channels; }
  int64_t all() const { return height * row(); }
};

Size halved(Size size, int64_t channels) { return {divided_up(size.height, 2), divided_up(size.width, 2), channels}; }

// Bytes of one row as numbers, with black behind it.
void widen(const uint8_t *row, int64_t count, float *out, int64_t filled) {
  for (int64_t i = 0; i < count; i++)
    out[i] = row[i];
  std::fill(out + count, out + filled, 0.0f);
}

// What one thread needs for itself.
struct Own {
  float *picture, *within, *across;
};

} // namespace

void Pictures::run(const uint8_t *rgb, int64_t count, int64_t height, int64_t width, float *out, int threads) const {
  const Kernels &k = *kernels();
  const int64_t rows = divided_up(height, cell()), columns = divided_up(width, cell()), wide = columns * cell();

  // Of each layer the input, and behind all of them what the last one gives. The first convolution has no padding.
  std::vector<Size> sizes = {{rows * cell() / 2 - 1, wide / 2 - 1, first_outputs}};
  for (size_t i = 0; i < layers.size(); i++) {
    const int64_t outputs = layers[i].across.weights().n;
    sizes.push_back(i + 1 < layers.size() ? halved(sizes.back(), outputs)
                                          : Size{sizes.back().height, sizes.back().width, outputs});
  }

  int64_t largest = 0, widest_within = 0, widest_across = 0;
  for (size_t i = 0; i < sizes.size(); i++) {
    largest = std::max(largest, sizes[i].all());
    widest_within = std::max(widest_within, 2 * sizes[i].row());
    if (i < layers.size())
      widest_across = std::max(widest_across, 2 * sizes[i].width * layers[i].across.weights().n);
  }

  float *buffers[2];
  std::vector<Own> owns(static_cast<size_t>(threads));
  auto lay_out = [&](Parts &parts) {
    for (float *&buffer : buffers)
      buffer = parts.take<float>(largest);
    for (Own &own : owns)
      own = {parts.take<float>(4 * wide * 3), parts.take<float>(widest_within), parts.take<float>(widest_across)};
  };
  Parts measured(nullptr);
  lay_out(measured);
  const Scratch room(measured.used());
  Parts parts(room.data());
  lay_out(parts);

  Barrier barrier;
  together(threads, [&](int index, int members) {
    const Member member{index, members, &barrier};
    const Own own = owns[static_cast<size_t>(index)];
    for (int64_t picture = 0; picture < count; picture++) {
      const uint8_t *bytes = rgb + picture * height * width * 3;
      auto [first_y, last_y] = member.share(sizes[0].height);
      for (int64_t y = first_y; y < last_y; y++) {
        FirstRow row = {{}, first.data(), first_bias.data(), slope, buffers[0] + y * sizes[0].row(), sizes[0].width};
        for (int64_t i = 0; i < 4; i++) {
          float *place = own.picture + i * wide * 3;
          const int64_t from = 2 * y + i;
          widen(bytes + std::min(from, height - 1) * width * 3, from < height ? width * 3 : 0, place, wide * 3);
          row.picture[i] = place;
        }
        k.first_row(row);
      }
      member.wait();

      for (size_t i = 0; i < layers.size(); i++) {
        const Size size = sizes[i], next = sizes[i + 1];
        const bool pools = i + 1 < layers.size();
        const int64_t together_rows = pools ? 2 : 1, outputs = next.channels;
        const float *in = buffers[i % 2];
        float *to = buffers[(i + 1) % 2];
        auto [from, end] = member.share(next.height);
        for (int64_t y = from; y < end; y++) {
          const int64_t top = y * together_rows, taken = std::min(together_rows, size.height - top);
          for (int64_t j = 0; j < taken; j++) {
            DepthwiseRow row = {{}, layers[i].within.data(), size.width, size.channels, own.within + j * size.row()};
            for (int64_t tap = 0; tap < 3; tap++) {
              const int64_t at = top + j + tap - 1;
              row.rows[tap] = at < 0 || at >= size.height ? nullptr : in + at * size.row();
            }
            k.depthwise_row(row);
          }
          float *across = pools ? own.across : to + y * next.row();
          k.product({own.within, size.channels, taken * size.width, nullptr, nullptr, &layers[i].across.weights(),
                     Activation::none, nullptr, 0, across, outputs, Kind::f32},
                    0, layers[i].across.panels());
          if (pools)
            k.pool_row({across, taken > 1 ? across + size.width * outputs : nullptr, size.width, outputs, 2, slope,
                        to + y * next.row()});
        }
        member.wait();
      }

      // The last pooling goes from pixel to pixel.
      const Size size = sizes.back();
      const float *in = buffers[layers.size() % 2];
      auto [from, end] = member.share(rows);
      for (int64_t y = from; y < end; y++) {
        const float *upper = in + y * size.row();
        k.pool_row(
            {upper, y + 1 < rows ? upper + size.row() : nullptr, size.width, size.channels, 1, slope, own.within});
        k.product({own.within, size.channels, size.width, nullptr, nullptr, &last.weights(), Activation::none, nullptr,
                   0, out + ((picture * rows + y) * columns) * outputs(), outputs(), Kind::f32},
                  0, last.panels());
      }
      member.wait();
    }
  });
}

} // namespace affekt
