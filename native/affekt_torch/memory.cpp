#include "memory.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <utility>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace affekt {

namespace {

constexpr int64_t large_page = 2 << 20;
constexpr int64_t kept = 64 << 20; // bytes of a piece of scratch that is held on to between calls

uint16_t to_bf16(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, 4);
  return static_cast<uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

// Writes weight i of an output to its place within a step.
struct Writer {
  Kind kind;
  float scale;

  void write(char *place, float weight) const {
    if (kind == Kind::f32) {
      std::memcpy(place, &weight, 4);
    } else if (kind == Kind::bf16) {
      const uint16_t half = to_bf16(weight);
      std::memcpy(place, &half, 2);
    } else {
      *reinterpret_cast<int8_t *>(place) = quantized(weight);
    }
  }

  int8_t quantized(float weight) const {
    return static_cast<int8_t>(std::clamp(std::nearbyint(weight / scale), -127.0f, 127.0f));
  }
};

struct Left {
  std::mutex mutex;
  std::vector<Memory> pieces;
};

// Never destroyed: threads may end after the program's statics have.
Left &left_by_calls() {
  static Left *const left = new Left;
  return *left;
}

// Whether a piece of that size suits a call better than another.
bool better(int64_t size, int64_t other, int64_t wanted) {
  return size >= wanted ? other < wanted || size < other : other < wanted && size > other;
}

} // namespace

Memory::Memory(int64_t bytes) : size_(bytes) {
  // Only the beginning is aligned to a large page: what lies after the end is left to others. Rounded up to large
  // pages, a third of an encoder's weights would be memory for nothing.
  void *data = nullptr;
  if (posix_memalign(&data, bytes >= large_page ? large_page : 64, static_cast<size_t>(std::max<int64_t>(bytes, 1))) !=
      0)
    throw std::bad_alloc();
  data_.reset(static_cast<char *>(data));
#if defined(__linux__)
  if (bytes >= large_page)
    madvise(data_.get(), static_cast<size_t>(bytes / large_page * large_page), MADV_HUGEPAGE);
#endif
}

void Memory::Free::operator()(char *data) const { std::free(data); }

Scratch::Scratch(int64_t bytes) {
  {
    Left &left = left_by_calls();
    const std::lock_guard<std::mutex> lock(left.mutex);
    // The smallest that is large enough; else one is replaced, so that they do not become more than calls at a time.
    size_t best = left.pieces.size();
    for (size_t i = 0; i < left.pieces.size(); i++)
      if (best == left.pieces.size() || better(left.pieces[i].size(), left.pieces[best].size(), bytes))
        best = i;
    if (best < left.pieces.size()) {
      memory_ = std::move(left.pieces[best]);
      left.pieces.erase(left.pieces.begin() + static_cast<std::ptrdiff_t>(best));
    }
  }
  if (memory_.size() < bytes) {
    memory_ = Memory(); // first, so that both are never there together
    memory_ = Memory(bytes);
  }
}

Scratch::~Scratch() {
  if (memory_.size() > kept)
    return;
  Left &left = left_by_calls();
  const std::lock_guard<std::mutex> lock(left.mutex);
  left.pieces.push_back(std::move(memory_));
}

void Scratch::give_back() {
  Left &left = left_by_calls();
  const std::lock_guard<std::mutex> lock(left.mutex);
  left.pieces.clear();
}

Matrix::Matrix(Kind kind, const float *weights, int64_t n, int64_t k, int64_t ld, const float *bias) {
  const int64_t step = step_width(kind), steps = divided_up(k, step), filled = divided_up(n, panel_width) * panel_width;
  data_ = Memory(filled * steps * 4);
  std::memset(data_.data(), 0, static_cast<size_t>(filled * steps * 4));
  if (bias != nullptr) {
    bias_.assign(static_cast<size_t>(filled), 0);
    std::copy_n(bias, n, bias_.begin());
  }
  if (kind == Kind::u8) {
    scale_.assign(static_cast<size_t>(filled), 0);
    sums_.assign(static_cast<size_t>(filled), 0);
  }
  for (int64_t output = 0; output < n; output++) {
    const float *row = weights + output * ld;
    Writer writer{kind, 1};
    if (kind == Kind::u8) {
      float largest = 1e-12f; // a row of zeros keeps a scale that divides
      for (int64_t i = 0; i < k; i++)
        largest = std::max(largest, std::fabs(row[i]));
      writer.scale = scale_[static_cast<size_t>(output)] = largest / 127;
      int32_t sum = 0;
      for (int64_t i = 0; i < k; i++)
        sum += writer.quantized(row[i]);
      sums_[static_cast<size_t>(output)] = sum;
    }
    char *panel = data_.data() + output / panel_width * steps * panel_width * 4 + output % panel_width * 4;
    for (int64_t i = 0; i < k; i++)
      writer.write(panel + i / step * panel_width * 4 + i % step * element_size(kind), row[i]);
  }
  weights_ = {kind, n, k, steps, data_.data(), bias == nullptr ? nullptr : bias_.data(), scale_.data(), sums_.data()};
}

} // namespace affekt
