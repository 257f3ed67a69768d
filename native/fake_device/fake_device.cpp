// An accelerator for tests that exists nowhere: a device of libtorch whose memory is the processor's. Tests load this
// library to see, without a graphics card, whether code puts its tensors where it should. The product never loads it.
//
// The device calls itself xpu:0. It has to be a type that libtorch knows, because only those have kernels for autograd,
// and one that tensors may move to in place (set_data): in libtorch 1.13 that is true of cuda, hip, mps and xpu, in 2.x
// of hpu as well. Of these, xpu has the fewest special cases elsewhere in libtorch.
//
// An operator runs in three steps: check that all tensors lie on the device, as kernels for CUDA do; show the same
// memory to the processor's kernel under another name; give what comes back the device's name. Nothing is copied.

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/csrc/autograd/engine.h>
#include <torch/library.h>

#include <string>
#include <utility>
#include <vector>

namespace {

using c10::IValue;
using torch::jit::Stack;

constexpr c10::DeviceType type = c10::DeviceType::XPU;
constexpr c10::DispatchKey key = c10::DispatchKey::XPU;

c10::Device device() { return c10::Device(type, 0); }

bool is_here(const at::Tensor &tensor) { return tensor.device().type() == type; }

// --- the device itself -----------------------------------------------------------------------------------------------

// Nothing runs behind the caller's back here, so there is one stream and no event is needed.
struct Guard final : c10::impl::DeviceGuardImplInterface {
  c10::DeviceType type() const override { return ::type; }
  c10::Device exchangeDevice(c10::Device) const override { return device(); }
  c10::Device getDevice() const override { return device(); }
  void setDevice(c10::Device to) const override { check(to); }
  void uncheckedSetDevice(c10::Device) const noexcept override {}
  c10::Stream getStream(c10::Device) const noexcept override { return stream(); }
  c10::Stream getDefaultStream(c10::Device) const override { return stream(); }
  c10::Stream exchangeStream(c10::Stream) const noexcept override { return stream(); }
  c10::DeviceIndex deviceCount() const noexcept override { return 1; }

private:
  static c10::Stream stream() noexcept { return c10::Stream(c10::Stream::DEFAULT, device()); }
  static void check(c10::Device to) {
    TORCH_CHECK(to.type() == ::type && to.index() <= 0, "there is only ", device(), ", asked for ", to);
  }
};

C10_REGISTER_GUARD_IMPL(XPU, Guard)

// An engine starts a thread for each device when it first goes backward, and looks for devices only then. Tests load
// this library when they please, so the engine that may have started already gives way to a new one. It is never
// deleted: its threads live until the process ends.
struct Engine final : torch::autograd::Engine {};

torch::autograd::Engine &engine() {
  static auto *engine = new Engine;
  return *engine;
}

[[maybe_unused]] const bool engine_is_replaced = (torch::autograd::set_default_engine_stub(engine), true);

// --- one memory under two names --------------------------------------------------------------------------------------

c10::Allocator *memory() { return c10::GetAllocator(c10::DeviceType::CPU); }

// The memory of a storage on the processor, as the device's; it keeps that storage.
c10::DataPtr keep(const c10::Storage &storage) {
  auto *kept = new c10::Storage(storage);
  return {kept->data_ptr().get(), kept, [](void *context) { delete static_cast<c10::Storage *>(context); }, device()};
}

c10::Storage make_storage(size_t bytes, c10::DataPtr &&data) {
  return c10::Storage(c10::Storage::use_byte_size_t(), bytes, std::move(data), memory(), true);
}

bool same(const c10::Storage &a, const c10::Storage &b) { return a.unsafeGetStorageImpl() == b.unsafeGetStorageImpl(); }

void copy_layout(const at::Tensor &from, const at::Tensor &to) {
  // Some tensors refuse a change of layout, so that none is made where there is nothing to change.
  if (to.sizes() != from.sizes() || to.strides() != from.strides())
    to.unsafeGetTensorImpl()->set_sizes_and_strides(from.sizes(), from.strides());
  if (to.storage_offset() != from.storage_offset())
    to.unsafeGetTensorImpl()->set_storage_offset(from.storage_offset());
}

// What the processor sees of the device's tensors during one call.
class Loan {
public:
  at::Tensor lend(const at::Tensor &own) {
    if (!own.defined() || !is_here(own))
      return own;
    for (const auto &[known, lent] : tensors_)
      if (known.is_same(own))
        return lent;
    at::Tensor lent = at::detail::make_tensor<c10::TensorImpl>(lend(own.storage()),
                                                               c10::DispatchKeySet(c10::DispatchKey::CPU), own.dtype());
    copy_layout(own, lent);
    if (own.unsafeGetTensorImpl()->is_wrapped_number())
      lent.unsafeGetTensorImpl()->set_wrapped_number(true);
    tensors_.emplace_back(own, lent);
    return lent;
  }

  IValue lend(const IValue &value) {
    if (value.isTensor())
      return lend(value.toTensor());
    if (value.isTensorList()) {
      c10::List<at::Tensor> lent;
      for (const at::Tensor &tensor : value.toTensorVector())
        lent.push_back(lend(tensor));
      return lent;
    }
    if (value.isOptionalTensorList()) {
      auto lent = value.toOptionalTensorList().copy();
      for (size_t i = 0; i < lent.size(); i++)
        if (lent.get(i).has_value())
          lent.set(i, lend(*lent.get(i)));
      return lent;
    }
    if (value.isStorage())
      return lend(value.toStorage());
    return value.isDevice() && value.toDevice().type() == type ? IValue(c10::Device(c10::DeviceType::CPU)) : value;
  }

  // Brings over what the call changed: an out variant may have grown its result, set_ may have given it other memory.
  void settle() {
    for (const auto &[own, lent] : storages_) {
      c10::StorageImpl *to = own.unsafeGetStorageImpl();
      if (to->data_ptr().get() != lent.data_ptr().get())
        to->set_data_ptr_noswap(keep(lent));
      if (to->nbytes() != lent.nbytes())
        to->set_nbytes(lent.nbytes());
    }
    for (const auto &[own, lent] : tensors_) {
      c10::Storage storage = take(lent.storage());
      if (!same(own.storage(), storage))
        own.unsafeGetTensorImpl()->set_storage_keep_dtype(storage);
      copy_layout(lent, own);
    }
  }

  at::Tensor take(const at::Tensor &given) {
    if (!given.defined())
      return given;
    for (const auto &[own, lent] : tensors_)
      if (lent.is_same(given))
        return own;
    TORCH_CHECK(given.has_storage(), "the stand-in device has no tensors that are not plain memory");
    c10::Storage storage = take(given.storage());
    at::Tensor own;
    for (const auto &[base, lent] : tensors_) {
      if (!own.defined() && same(base.storage(), storage))
        // A view keeps its base's keys: in inference mode these differ from a new tensor's.
        own = at::detail::make_tensor<c10::TensorImpl>(c10::TensorImpl::VIEW, c10::Storage(storage), base.key_set(),
                                                       given.dtype());
    }
    if (!own.defined())
      own = at::detail::make_tensor<c10::TensorImpl>(std::move(storage), c10::DispatchKeySet(key), given.dtype());
    copy_layout(given, own);
    return own;
  }

  IValue take(const IValue &value) {
    if (value.isTensor())
      return take(value.toTensor());
    if (!value.isTensorList())
      return value;
    c10::List<at::Tensor> own;
    for (const at::Tensor &tensor : value.toTensorVector())
      own.push_back(take(tensor));
    return own;
  }

private:
  std::vector<std::pair<at::Tensor, at::Tensor>> tensors_; // the device's, the processor's
  std::vector<std::pair<c10::Storage, c10::Storage>> storages_;

  c10::Storage lend(const c10::Storage &own) {
    for (const auto &[known, lent] : storages_)
      if (same(known, own))
        return lent;
    c10::Storage lent = make_storage(own.nbytes(), {own.data_ptr().get(), c10::Device(c10::DeviceType::CPU)});
    storages_.emplace_back(own, lent);
    return lent;
  }

  // Results that share their memory share it on the device as well.
  c10::Storage take(const c10::Storage &given) {
    for (const auto &[own, lent] : storages_)
      if (same(lent, given))
        return own;
    c10::Storage own = make_storage(given.nbytes(), keep(given));
    storages_.emplace_back(own, given);
    return own;
  }
};

// --- what CUDA would refuse ------------------------------------------------------------------------------------------

std::string name(const c10::OperatorHandle &op) { return c10::toString(op.operator_name()); }

bool begins(const std::string &text, const char *with) { return text.rfind(with, 0) == 0; }

bool is_written(const c10::Argument &argument) {
  const c10::AliasInfo *alias = argument.alias_info();
  if (alias == nullptr)
    return false;
  if (alias->isWrite())
    return true;
  for (const c10::AliasInfo &contained : alias->containedTypes())
    if (contained.isWrite())
      return true;
  return false;
}

// Lengths of sequences, which CUDA's kernels read on the processor too, and indexes, which they move by themselves.
bool may_be_elsewhere(const std::string &op, const c10::Argument &argument) {
  const std::string &of = argument.name();
  return (begins(op, "aten::_pack_padded_sequence") && (of == "lengths" || of == "batch_sizes")) ||
         ((begins(op, "aten::index.") || op == "aten::index" || begins(op, "aten::index_put") ||
           begins(op, "aten::_index_put_impl")) &&
          of == "indices");
}

void check_device(const std::string &op, const c10::Argument &argument, const at::Tensor &tensor) {
  if (!tensor.defined() || is_here(tensor))
    return;
  // A single number may come from the processor, but nothing may be written there.
  if (tensor.device().is_cpu() && tensor.dim() == 0 && !is_written(argument))
    return;
  TORCH_CHECK(false, "Expected all tensors to be on the same device, but found at least two devices, ", device(),
              " and ", tensor.device(), "! (argument ", argument.name(), " of ", op, ")");
}

void check(const c10::OperatorHandle &op, const Stack &stack) {
  const std::string called = name(op);
  // Kernels of our own and those of oneDNN and FBGEMM take the processor's memory only.
  TORCH_CHECK_NOT_IMPLEMENTED(begins(called, "aten::") && called.find("mkldnn") == std::string::npos &&
                                  called.find("fbgemm") == std::string::npos,
                              "Could not run '", called, "' with arguments from the '", key, "' backend");
  const auto &arguments = op.schema().arguments();
  for (size_t i = 0; i < arguments.size(); i++) {
    const c10::Argument &argument = arguments[i];
    const IValue &value = stack[stack.size() - arguments.size() + i];
    if (may_be_elsewhere(called, argument))
      continue;
    if (value.isTensor())
      check_device(called, argument, value.toTensor());
    else if (value.isTensorList())
      for (const at::Tensor &tensor : value.toTensorVector())
        check_device(called, argument, tensor);
    else if (value.isOptionalTensorList())
      for (const auto &tensor : value.toOptionalTensorVector())
        if (tensor.has_value())
          check_device(called, argument, *tensor);
  }
}

// --- operators -------------------------------------------------------------------------------------------------------

// Calls the processor's kernel with the last values of the stack and leaves its results there.
void run(const c10::OperatorHandle &op, Stack *stack) {
  const size_t arguments = op.schema().arguments().size(), results = op.schema().returns().size();
  Loan loan;
  bool elsewhere = false;
  for (size_t i = stack->size() - arguments; i < stack->size(); i++) {
    IValue &value = (*stack)[i];
    elsewhere = elsewhere || (value.isDevice() && value.toDevice().type() != type);
    value = loan.lend(value);
  }
  {
    // Autograd and the counting of versions have had their turn, with the device's tensors.
    at::AutoDispatchBelowADInplaceOrView below;
    op.callBoxed(stack);
  }
  loan.settle();
  if (elsewhere)
    return;
  const bool packs =
      name(op) == "aten::_pack_padded_sequence"; // its second result, the batches' sizes, is for the caller
  for (size_t i = 0; i < results; i++) {
    IValue &value = (*stack)[stack->size() - results + i];
    if (!(packs && i == 1))
      value = loan.take(value);
  }
}

void any(const c10::OperatorHandle &op, Stack *stack) {
  check(op, *stack);
  run(op, stack);
}

c10::OperatorHandle find(const char *name) { return c10::Dispatcher::singleton().findSchemaOrThrow(name, ""); }

// libtorch hands the convolutions of devices that it has no kernels for to these two.
void convolution(const c10::OperatorHandle &op, Stack *stack) {
  check(op, *stack);
  run(find("aten::convolution"), stack);
}

void convolution_backward(const c10::OperatorHandle &op, Stack *stack) {
  check(op, *stack);
  // The processor's wants the bias's shape as well, after gradient, input and weight.
  const auto first = stack->end() - static_cast<std::ptrdiff_t>(op.schema().arguments().size());
  c10::List<int64_t> bias({first->toTensor().size(1)});
  stack->insert(first + 3, IValue(bias));
  run(find("aten::convolution_backward"), stack);
}

// The one operator whose tensors may lie on two devices.
void transfer(const at::Tensor &from, const at::Tensor &to) {
  Loan loan;
  at::AutoDispatchBelowADInplaceOrView below;
  loan.lend(to).copy_(loan.lend(from));
}

at::Tensor &copy_to(at::Tensor &self, const at::Tensor &source, bool) {
  transfer(source, self);
  return self;
}

at::Tensor copy_from(const at::Tensor &self, const at::Tensor &to, bool) {
  transfer(self, to);
  return to;
}

template <void (*function)(const c10::OperatorHandle &, Stack *)> torch::CppFunction boxed() {
  return torch::CppFunction::makeFromBoxedFunction<function>();
}

TORCH_LIBRARY_IMPL(_, XPU, m) { m.fallback(boxed<any>()); }

TORCH_LIBRARY_IMPL(aten, XPU, m) {
  m.impl("copy_", TORCH_FN(copy_to));
  m.impl("_copy_from", TORCH_FN(copy_from));
  m.impl("convolution_overrideable", boxed<convolution>());
  m.impl("convolution_backward_overrideable", boxed<convolution_backward>());
  // These would be put together from other operators, with other rounding than the processor's own kernels.
  m.impl("native_layer_norm", boxed<any>());
  m.impl("native_group_norm", boxed<any>());
}

} // namespace
