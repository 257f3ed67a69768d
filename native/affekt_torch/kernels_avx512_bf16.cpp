// For processors with AVX-512, its products of bytes (VNNI) and of bfloat16.
#if defined(__x86_64__)
#define AFFEKT_ISA avx512_bf16
#include "kernels_avx512.h"
#include "kernels_avx512_products.h"
#include "kernels_avx512_products_paired.h"
#include "kernels_avx512_rows.h"

const affekt::Kernels *affekt::avx512_bf16_kernels() {
  using namespace affekt::avx512_bf16;
  static const Kernels all = {true, product, paired_product, norm, quantize, attend, to_half};
  return &all;
}
#endif
