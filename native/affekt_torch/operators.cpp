#include "internal.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>

#include <utility>

using affekt::guarded;
using affekt::unwrap;
using affekt::wrap;
using c10::IValue;

namespace {

// libtorch 1.13 has an optional of its own, 2.x has std's: this names whichever its headers use.
using OptionalTensors = decltype(std::declval<const IValue &>().toOptionalTensorList());

template <class T> c10::ArrayRef<T> list(const att_value &v) {
  return c10::ArrayRef<T>(static_cast<const T *>(v.u.p), static_cast<size_t>(v.count));
}

std::string text(const att_value &v) {
  return std::string(static_cast<const char *>(v.u.p), static_cast<size_t>(v.count));
}

IValue to_ivalue(const att_value &v) {
  switch (v.kind) {
  case ATT_NONE:
    return IValue();
  case ATT_TENSOR:
    return IValue(unwrap(static_cast<const att_tensor *>(v.u.p)));
  case ATT_INT:
    return IValue(v.u.i);
  case ATT_DOUBLE:
    return IValue(v.u.d);
  case ATT_BOOL:
    return IValue(v.u.i != 0);
  case ATT_STRING:
    return IValue(text(v));
  case ATT_DEVICE:
    return IValue(c10::Device(text(v)));
  case ATT_INTS:
    return IValue(c10::List<int64_t>(list<int64_t>(v)));
  case ATT_DOUBLES:
    return IValue(c10::List<double>(list<double>(v)));
  case ATT_BOOLS: {
    c10::List<bool> flags;
    for (uint8_t flag : list<uint8_t>(v))
      flags.push_back(flag != 0);
    return IValue(flags);
  }
  case ATT_TENSORS: {
    c10::List<at::Tensor> tensors;
    for (const att_tensor *t : list<const att_tensor *>(v))
      tensors.push_back(unwrap(t));
    return IValue(tensors);
  }
  case ATT_OPTIONAL_TENSORS: {
    using Element = OptionalTensors::value_type;
    OptionalTensors tensors;
    for (const att_tensor *t : list<const att_tensor *>(v))
      tensors.push_back(t == nullptr ? Element() : Element(unwrap(t)));
    return IValue(tensors);
  }
  case ATT_OBJECT:
    return *static_cast<const IValue *>(v.u.p);
  default:
    throw std::invalid_argument("unknown kind of argument " + std::to_string(v.kind));
  }
}

size_t result_count(const IValue &r) { return r.isTensorList() ? r.toTensorList().size() : 1; }

att_value none() {
  att_value v;
  std::memset(&v, 0, sizeof v);
  return v;
}

att_value to_value(const at::Tensor &tensor) {
  att_value v = none();
  if (tensor.defined()) {
    v.kind = ATT_TENSOR;
    v.u.p = wrap(tensor);
  }
  return v;
}

att_value to_value(const IValue &r) {
  att_value v = none();
  if (r.isTensor())
    return to_value(r.toTensor());
  if (r.isNone())
    return v;
  if (r.isInt()) {
    v.kind = ATT_INT;
    v.u.i = r.toInt();
  } else if (r.isDouble()) {
    v.kind = ATT_DOUBLE;
    v.u.d = r.toDouble();
  } else if (r.isBool()) {
    v.kind = ATT_BOOL;
    v.u.i = r.toBool();
  } else {
    v.kind = ATT_OBJECT;
    v.u.p = new IValue(r);
  }
  return v;
}

} // namespace

int32_t att_operator_find(const char *name, const char *overload, att_operator **out, att_error *error) {
  return guarded(error, [&] {
    auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
    if (!handle.has_value()) {
      std::string full = std::string(name) + (*overload ? "." : "") + overload;
      throw std::invalid_argument("this libtorch has no operator " + full);
    }
    *out = reinterpret_cast<att_operator *>(new c10::OperatorHandle(*handle));
  });
}

int32_t att_operator_call(const att_operator *op, const att_value *arguments, int32_t argument_count,
                          att_value *results, int32_t capacity, int32_t *got, att_error *error) {
  return guarded(error, [&] {
    *got = 0;
    torch::jit::Stack stack;
    stack.reserve(static_cast<size_t>(argument_count));
    for (int32_t i = 0; i < argument_count; i++)
      stack.push_back(to_ivalue(arguments[i]));
    const auto *handle = reinterpret_cast<const c10::OperatorHandle *>(op);
    // A boxed call trusts its stack: with too few arguments it would read beyond it.
    size_t expected = handle->schema().arguments().size();
    if (stack.size() != expected)
      throw std::invalid_argument(c10::toString(handle->operator_name()) + " takes " + std::to_string(expected) +
                                  " arguments, given " + std::to_string(stack.size()));
    handle->callBoxed(&stack);
    if (results == nullptr)
      return;

    size_t count = 0;
    for (const IValue &r : stack)
      count += result_count(r);
    if (count > static_cast<size_t>(capacity))
      throw std::length_error("gives " + std::to_string(count) + " results, expected at most " +
                              std::to_string(capacity));
    *got = static_cast<int32_t>(count);
    for (const IValue &r : stack) {
      if (r.isTensorList())
        for (const at::Tensor &t : r.toTensorVector())
          *results++ = to_value(t);
      else
        *results++ = to_value(r);
    }
  });
}

void att_object_free(att_object *object) { delete reinterpret_cast<IValue *>(object); }
