// For processors with AVX-512 and its products of bytes (VNNI).
#if defined(__x86_64__)
#define AFFEKT_ISA avx512
#include "kernels_avx512.h"
#include "kernels_avx512_products.h"
#include "kernels_avx512_products_paired.h"
#include "kernels_avx512_rows.h"

const affekt::Kernels *affekt::avx512_kernels() {
  using namespace affekt::avx512;
  static const Kernels all = {false, product, paired_product, norm, quantize, attend, to_half};
  return &all;
}
#endif
