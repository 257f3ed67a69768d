#include "kernels.h"

namespace affekt {

const Kernels *kernels() {
#if defined(__x86_64__)
  static const Kernels *const best = []() -> const Kernels * {
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl") ||
        !__builtin_cpu_supports("avx512vnni"))
      return nullptr;
#ifdef AFFEKT_EMULATED_BFLOAT16
    return avx512_bf16_kernels();
#else
    return __builtin_cpu_supports("avx512bf16") ? avx512_bf16_kernels() : avx512_kernels();
#endif
  }();
  return best;
#else
  return nullptr;
#endif
}

} // namespace affekt
