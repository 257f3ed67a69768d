// The arithmetic of use without training, hand-written for processors with AVX-512: products with packed weights,
// norms, attention. Plain pointers only, so that the files with special instructions share no inline code with the
// rest.
#pragma once

#include <cstddef>
#include <cstdint>

namespace affekt {

// Elements of a product's operands. u8 stands for unsigned rows, with a scale and a zero point for each, times signed
// weights with a scale for each output.
enum class Kind : int32_t { f32 = 0, bf16 = 1, u8 = 2 };

enum class Activation : int32_t { none = 0, relu = 1, gelu = 2, tanh = 3 };

// Outputs that lie together in packed weights: two vectors of 16.
constexpr int64_t panel_width = 32;

// Rows that a product takes at once: 14 x 2 vectors of sums, two of weights and one of inputs fill 31 of 32 registers.
constexpr int64_t tile_rows = 14;

constexpr int64_t element_size(Kind kind) { return kind == Kind::f32 ? 4 : kind == Kind::bf16 ? 2 : 1; }

// Inputs that one instruction takes at a time: they share 32 bits.
constexpr int64_t step_width(Kind kind) { return 4 / element_size(kind); }

constexpr int64_t divided_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// n outputs of k inputs as [panel][step][32][step_width], zeros behind both ends.
struct Weights {
  Kind kind;
  int64_t n, k, steps;
  const void *data;
  const float *bias;   // [n] filled up to whole panels, or null
  const float *scale;  // u8: of each output, filled up likewise
  const int32_t *sums; // u8: over each output's weights, which the zero points are multiplied with
};

// out = activation(a weights^T + bias) + residual. Rows may overlap (lda below k): a convolution is such a product.
struct Product {
  const void *a;
  int64_t lda, rows;
  const float *row_scale; // u8 only
  const int32_t *row_zero;
  const Weights *weights;
  Activation activation;
  const float *residual; // may be out, or null
  int64_t ldr;
  void *out;
  int64_t ldo;
  Kind out_kind; // f32 or bf16
  // Where not null, and all rows are worked on at once, panels are taken from here, `at_once` at a time, instead of
  // from first to last: the thread that is faster does more.
  int64_t *taken = nullptr;
  int64_t at_once = 1;
};

// A row as u8: x = scale * (q - zero).
struct Quantized {
  uint8_t *data;
  int64_t ld;
  float *scale;
  int32_t *zero;
};

// Layer norm of rows, written as f32 (may be x itself), as bf16 or as u8: each where it is not null.
struct Norm {
  const void *x;
  Kind x_kind; // f32 or bf16
  int64_t ld, width;
  const float *weight, *bias; // bias may be null
  float epsilon;
  Activation activation;
  float *out;
  int64_t ldo;
  uint16_t *half;
  int64_t ldh;
  Quantized quantized;
};

// One head over one sequence: softmax(q k^T) v, the scale being in q already. Rows of f32 or bf16.
struct Attention {
  Kind kind;
  const void *q, *k, *v;
  int64_t ld, length, width;
  void *out;
  int64_t ldo;
  void *scratch; // attention_scratch bytes, aligned to 64
};

struct Kernels {
  bool has_bf16;
  void (*product)(const Product &p, int64_t first_panel, int64_t last_panel);
  // A convolution of three taps, two frames apart, with five products for two outputs instead of six. Of taps A, B and
  // C over frames 0 to 4, the outputs are (A+C) f2 + A (f0-f2) + B f1 and (A+C) f2 + B f3 + C (f4-f2): the sum that
  // both share is worked out once (Winograd's F(2,2) over the frames with even numbers; Lavin and Gray, 2016). f32
  // only; lda is the distance of two frames, and an output's weights are [A+C, A, B, B, C].
  void (*paired_product)(const Product &p, int64_t first_panel, int64_t last_panel);
  void (*norm)(const Norm &n, int64_t first_row, int64_t last_row);
  void (*quantize)(const void *x, Kind kind, int64_t ld, int64_t width, const Quantized &out, int64_t first_row,
                   int64_t last_row);
  void (*attend)(const Attention &a);
  void (*to_half)(const float *x, uint16_t *out, int64_t count);
};

// Bytes that attention over one head needs beside its operands.
inline int64_t attention_scratch(Kind kind, int64_t length, int64_t width) {
  const int64_t size = element_size(kind), rows = divided_up(length, 2 * panel_width) * 2 * panel_width;
  const int64_t features = divided_up(width, panel_width) * panel_width;
  return 2 * rows * features * size + tile_rows * rows * (4 + size);
}

const Kernels *avx512_kernels();      // products in f32 and u8
const Kernels *avx512_bf16_kernels(); // and in bf16

// The best that this processor runs; null where it has none of them.
const Kernels *kernels();

} // namespace affekt
