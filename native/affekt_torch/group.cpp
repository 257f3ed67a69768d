// Processes that train together: libtorch's own process groups, over gloo, and over nccl for what lies on graphics
// cards where libtorch has it. One process's store introduces them to each other; afterwards they talk directly.
#include "internal.h"

#include <torch/library.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#ifdef AFFEKT_HAS_GLOO
// libtorch was built with it, but its headers do not say so.
#ifndef USE_C10D_GLOO
#define USE_C10D_GLOO
#endif
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif
#ifdef AFFEKT_HAS_NCCL
#ifndef USE_C10D_NCCL
#define USE_C10D_NCCL
#endif
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

namespace affekt {
namespace {

#ifdef AFFEKT_HAS_GLOO

std::chrono::milliseconds milliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
}

struct Group : torch::CustomClassHolder {
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
#ifdef AFFEKT_HAS_NCCL
  c10::intrusive_ptr<c10d::ProcessGroupNCCL> nccl; // made for the first tensor on a card
#endif
  double answer_within_s = 0;
};

// The interfaces that GLOO_SOCKET_IFNAME names, as in PyTorch; otherwise the one that the host's own name leads to.
std::vector<std::shared_ptr<::gloo::transport::Device>> devices() {
  const char *named = std::getenv("GLOO_SOCKET_IFNAME");
  if (named == nullptr || *named == '\0')
    return {c10d::ProcessGroupGloo::createDefaultDevice()};
  std::vector<std::shared_ptr<::gloo::transport::Device>> found;
  std::stringstream names(named);
  for (std::string name; std::getline(names, name, ',');)
    found.push_back(c10d::ProcessGroupGloo::createDeviceForInterface(name));
  return found;
}

// Newer libtorch asks for a store that it may have been built without; the older kind is always there.
template <class Options> auto take_plain_store(Options &options, int) -> decltype(void(options.useLibUV)) {
  options.useLibUV = false;
}
template <class Options> void take_plain_store(Options &, long) {}

c10::intrusive_ptr<Group> group_join(const std::string &host, int64_t port, int64_t rank, int64_t size,
                                     double join_within_s, double answer_within_s) {
  TORCH_CHECK(port > 0 && port < 65536, "found port ", port, ", expected 1 to 65535");
  TORCH_CHECK(size > 0 && rank >= 0 && rank < size, "found rank ", rank, " of ", size, ", expected 0 to ", size - 1);
  c10d::TCPStoreOptions options;
  options.port = static_cast<uint16_t>(port);
  options.isServer = rank == 0;
  options.numWorkers = static_cast<size_t>(size);
  options.timeout = milliseconds(join_within_s);
  take_plain_store(options, 0);
  auto group = c10::make_intrusive<Group>();
  group->answer_within_s = answer_within_s;
  group->store = c10::make_intrusive<c10d::TCPStore>(host, options);
  auto settings = c10d::ProcessGroupGloo::Options::create(milliseconds(answer_within_s));
  settings->devices = devices();
  settings->threads = 2;
  group->gloo =
      c10::make_intrusive<c10d::ProcessGroupGloo>(c10::make_intrusive<c10d::PrefixStore>("gloo", group->store),
                                                  static_cast<int>(rank), static_cast<int>(size), settings);
  return group;
}

#ifdef AFFEKT_HAS_NCCL
// Without these a process would learn of a lost peer only by being ended itself; the older name is libtorch 1's.
void let_waiting_fail() {
  setenv("TORCH_NCCL_BLOCKING_WAIT", "1", 1);
  setenv("NCCL_BLOCKING_WAIT", "1", 1);
}

c10d::ProcessGroupNCCL &nccl_of(Group &group) {
  if (!group.nccl) {
    let_waiting_fail();
    auto settings = c10d::ProcessGroupNCCL::Options::create();
    settings->timeout = milliseconds(group.answer_within_s);
    group.nccl =
        c10::make_intrusive<c10d::ProcessGroupNCCL>(c10::make_intrusive<c10d::PrefixStore>("nccl", group.store),
                                                    group.gloo->getRank(), group.gloo->getSize(), settings);
  }
  return *group.nccl;
}
#endif

void group_sum(at::Tensor tensor, const c10::intrusive_ptr<Group> &group) {
  std::vector<at::Tensor> tensors{tensor};
#ifdef AFFEKT_HAS_NCCL
  if (tensor.is_cuda()) {
    nccl_of(*group).allreduce(tensors)->wait();
    return;
  }
#endif
  group->gloo->allreduce(tensors)->wait();
}

void group_broadcast(at::Tensor tensor, int64_t root, const c10::intrusive_ptr<Group> &group) {
  std::vector<at::Tensor> tensors{tensor};
  c10d::BroadcastOptions options;
  options.rootRank = root;
  group->gloo->broadcast(tensors, options)->wait();
}

// Ranks that are gone, asked after a call failed. Those that are left tell each other through the store: each comes to
// this as soon as it waits for the lost one. Where the store itself is gone, so is rank 0, which holds it.
at::Tensor group_lost(double within_s, const c10::intrusive_ptr<Group> &group) {
  const int rank = group->gloo->getRank(), size = group->gloo->getSize();
  const auto left = [](int who) { return "left/" + std::to_string(who); };
  std::vector<int64_t> missing;
  try {
    group->store->set(left(rank), std::vector<uint8_t>{1});
    const auto until = std::chrono::steady_clock::now() + milliseconds(within_s);
    do {
      missing.clear();
      for (int who = 0; who < size; who++)
        if (!group->store->check({left(who)}))
          missing.push_back(who);
      if (missing.size() <= 1)
        break;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    } while (std::chrono::steady_clock::now() < until);
    // The others read from this process's store.
    if (rank == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
  } catch (const std::exception &) {
    missing = {0};
  }
  return at::tensor(missing, at::kLong);
}

#endif

constexpr bool has_gloo =
#ifdef AFFEKT_HAS_GLOO
    true;
#else
    false;
#endif

constexpr bool has_nccl =
#ifdef AFFEKT_HAS_NCCL
    true;
#else
    false;
#endif

} // namespace

TORCH_LIBRARY_FRAGMENT(affekt, m) {
  m.def("has_gloo", [] { return at::scalar_tensor(has_gloo ? 1 : 0, at::kLong); });
  m.def("has_nccl", [] { return at::scalar_tensor(has_nccl ? 1 : 0, at::kLong); });
#ifdef AFFEKT_HAS_GLOO
  m.class_<Group>("Group");
  m.def("group_join", group_join);
  m.def("group_sum", group_sum);
  m.def("group_broadcast", group_broadcast);
  m.def("group_lost", group_lost);
#endif
}

} // namespace affekt
