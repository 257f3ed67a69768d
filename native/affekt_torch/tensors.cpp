#include "internal.h"

#include <atomic>

using affekt::guarded;
using affekt::unwrap;

namespace {
std::atomic<int64_t> live_tensors{0};
}

att_tensor *affekt::wrap(at::Tensor tensor) {
  auto *handle = reinterpret_cast<att_tensor *>(new at::Tensor(std::move(tensor)));
  live_tensors.fetch_add(1, std::memory_order_relaxed);
  return handle;
}

int32_t att_tensor_new(const void *data, int64_t bytes, int32_t dtype, const int64_t *shape, int32_t rank,
                       att_tensor **out, att_error *error) {
  return guarded(error, [&] {
    at::Tensor tensor = at::empty(at::IntArrayRef(shape, static_cast<size_t>(rank)),
                                  at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype)));
    int64_t size = tensor.numel() * static_cast<int64_t>(tensor.element_size());
    if (size != bytes)
      throw std::invalid_argument("the shape needs " + std::to_string(size) + " bytes, given " + std::to_string(bytes));
    if (bytes > 0)
      std::memcpy(tensor.data_ptr(), data, static_cast<size_t>(bytes));
    *out = affekt::wrap(std::move(tensor));
  });
}

int32_t att_tensor_read(const att_tensor *tensor, void *destination, int64_t bytes, att_error *error) {
  return guarded(error, [&] {
    at::Tensor source = unwrap(tensor).detach().to(at::kCPU).contiguous();
    int64_t size = source.numel() * static_cast<int64_t>(source.element_size());
    if (size != bytes)
      throw std::invalid_argument("the tensor holds " + std::to_string(size) + " bytes, asked for " +
                                  std::to_string(bytes));
    if (bytes > 0)
      std::memcpy(destination, source.data_ptr(), static_cast<size_t>(bytes));
  });
}

int32_t att_tensor_shape(const att_tensor *tensor, int64_t *shape, int32_t capacity, int32_t *rank, att_error *error) {
  return guarded(error, [&] {
    at::IntArrayRef sizes = unwrap(tensor).sizes();
    *rank = static_cast<int32_t>(sizes.size());
    size_t n = std::min(sizes.size(), static_cast<size_t>(capacity));
    std::copy_n(sizes.begin(), n, shape);
  });
}

int32_t att_tensor_dtype(const att_tensor *tensor, int32_t *dtype, att_error *error) {
  return guarded(error, [&] { *dtype = static_cast<int32_t>(unwrap(tensor).scalar_type()); });
}

int32_t att_tensor_device(const att_tensor *tensor, char *text, int32_t capacity, att_error *error) {
  return guarded(error, [&] { affekt::copy_text(unwrap(tensor).device().str(), text, static_cast<size_t>(capacity)); });
}

void att_tensor_free(att_tensor *tensor) {
  delete &unwrap(tensor);
  live_tensors.fetch_sub(1, std::memory_order_relaxed);
}

int64_t att_tensor_live_count(void) { return live_tensors.load(std::memory_order_relaxed); }
