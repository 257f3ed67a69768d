#include "internal.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/cuda.h>
#include <torch/version.h>

using affekt::guarded;

// Single precision is to be that on a graphics card too: convolutions would otherwise round their factors to 10 bits.
[[maybe_unused]] static const bool exact = (at::globalContext().setAllowTF32CuDNN(false), true);

int32_t att_abi_version(void) { return ATT_ABI_VERSION; }

const char *att_libtorch_build_version(void) { return TORCH_VERSION; }

int32_t att_libtorch_run_version(char *text, int32_t capacity, att_error *error) {
  return guarded(error, [&] {
    // at::show_config is compiled into the library, so what it says is the library's version, not the headers'.
    std::string config = at::show_config();
    const std::string key = "TORCH_VERSION=";
    size_t from = config.find(key);
    if (from == std::string::npos)
      throw std::runtime_error("libtorch does not state its version");
    from += key.size();
    affekt::copy_text(config.substr(from, config.find_first_of(", \n", from) - from), text,
                      static_cast<size_t>(capacity));
  });
}

int32_t att_manual_seed(uint64_t seed, att_error *error) {
  return guarded(error, [&] { at::manual_seed(seed); });
}

int32_t att_set_threads(int32_t threads, att_error *error) {
  return guarded(error, [&] { at::set_num_threads(threads); });
}

int32_t att_threads(void) { return at::get_num_threads(); }

int32_t att_cuda_device_count(int32_t *count, att_error *error) {
  return guarded(error, [&] { *count = static_cast<int32_t>(torch::cuda::device_count()); });
}

int32_t att_build_configuration(char *text, int32_t capacity, att_error *error) {
  return guarded(error, [&] { affekt::copy_text(at::show_config(), text, static_cast<size_t>(capacity)); });
}
