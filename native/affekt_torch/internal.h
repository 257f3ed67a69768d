// Shared by the sources of affekt_torch; not part of the ABI.
#pragma once

#include "affekt_torch.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>

namespace affekt {

inline void copy_text(const std::string &from, char *to, size_t capacity) {
  if (capacity == 0)
    return;
  const size_t n = std::min(from.size(), capacity - 1);
  std::memcpy(to, from.data(), n);
  to[n] = '\0';
}

// Runs body and turns whatever it throws into a status and a message. libtorch appends a C++ backtrace to what(),
// which is of no use to a caller of an operator: what_without_backtrace leaves it out.
template <class Body> int32_t guarded(att_error *error, Body body) {
  try {
    body();
    return 0;
  } catch (const c10::Error &e) {
    copy_text(e.what_without_backtrace(), error->text, sizeof error->text);
  } catch (const std::exception &e) {
    copy_text(e.what(), error->text, sizeof error->text);
  } catch (...) {
    copy_text("an exception that is not a std::exception", error->text, sizeof error->text);
  }
  return 1;
}

inline at::Tensor &unwrap(att_tensor *t) { return *reinterpret_cast<at::Tensor *>(t); }
inline const at::Tensor &unwrap(const att_tensor *t) { return *reinterpret_cast<const at::Tensor *>(t); }

// A new handle; counted until att_tensor_free.
att_tensor *wrap(at::Tensor tensor);

} // namespace affekt
