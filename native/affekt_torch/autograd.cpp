#include "internal.h"

#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>

using affekt::guarded;
using affekt::unwrap;

int32_t att_requires_grad(const att_tensor *tensor, int32_t *on, att_error *error) {
  return guarded(error, [&] { *on = unwrap(tensor).requires_grad(); });
}

int32_t att_set_requires_grad(att_tensor *tensor, int32_t on, att_error *error) {
  return guarded(error, [&] { unwrap(tensor).requires_grad_(on != 0); });
}

int32_t att_backward(att_tensor *tensor, att_error *error) {
  return guarded(error, [&] { torch::autograd::backward({unwrap(tensor)}, {}); });
}

int32_t att_grad(const att_tensor *tensor, att_tensor **out, att_error *error) {
  return guarded(error, [&] {
    const at::Tensor &grad = unwrap(tensor).grad();
    *out = grad.defined() ? affekt::wrap(grad) : nullptr;
  });
}

int32_t att_clear_grad(att_tensor *tensor, att_error *error) {
  return guarded(error, [&] { unwrap(tensor).mutable_grad().reset(); });
}

int32_t att_set_grad_mode(int32_t on, int32_t *before, att_error *error) {
  return guarded(error, [&] {
    if (before != nullptr)
      *before = c10::GradMode::is_enabled();
    c10::GradMode::set_enabled(on != 0);
  });
}

int32_t att_inference_enter(att_inference **out, att_error *error) {
  return guarded(error, [&] { *out = reinterpret_cast<att_inference *>(new c10::InferenceMode(true)); });
}

void att_inference_leave(att_inference *mode) { delete reinterpret_cast<c10::InferenceMode *>(mode); }
