// Memory of the hand-written kernels, and weights laid out for them.
#pragma once

#include "kernels.h"

#include <memory>
#include <vector>

namespace affekt {

// Bytes aligned to 64, on large pages where there are enough of them; not cleared.
class Memory {
public:
  Memory() = default;
  explicit Memory(int64_t bytes);
  char *data() const { return data_.get(); }
  int64_t size() const { return size_; }

private:
  struct Free {
    void operator()(char *data) const;
  };
  std::unique_ptr<char, Free> data_;
  int64_t size_ = 0;
};

// Hands out parts of one piece of memory, one after the other.
class Parts {
public:
  explicit Parts(char *data) : data_(data) {}

  template <class T> T *take(int64_t count) {
    T *part = reinterpret_cast<T *>(data_ + used_);
    used_ += divided_up(count * static_cast<int64_t>(sizeof(T)), 64) * 64;
    return data_ == nullptr ? nullptr : part;
  }

  int64_t used() const { return used_; }

private:
  char *data_;
  int64_t used_ = 0;
};

// Memory for the time of a call, taken from what calls before it have left: there is as much as calls at a time need,
// and not as much as there are threads that ever called.
class Scratch {
public:
  explicit Scratch(int64_t bytes);
  ~Scratch();
  Scratch(const Scratch &) = delete;
  Scratch &operator=(const Scratch &) = delete;
  char *data() const { return memory_.data(); }

  // Lets go of what calls have left.
  static void give_back();

private:
  Memory memory_;
};

// Weights [n, k] of rows ld apart, packed. A copy: the originals are not needed afterwards.
class Matrix {
public:
  Matrix() = default;
  Matrix(Kind kind, const float *weights, int64_t n, int64_t k, int64_t ld, const float *bias);
  const Weights &weights() const { return weights_; }
  bool empty() const { return weights_.n == 0; }
  int64_t panels() const { return divided_up(weights_.n, panel_width); }

private:
  Weights weights_{};
  Memory data_;
  std::vector<float> bias_, scale_;
  std::vector<int32_t> sums_;
};

} // namespace affekt
