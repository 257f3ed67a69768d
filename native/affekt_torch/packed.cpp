// The hand-written kernels as operators of the dispatcher, in the namespace "affekt". Without a processor that they
// know, affekt::kernels says so and the others refuse; the managed side then builds networks from ATen's operators.
#include "convolutions.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <vector>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace affekt {

namespace {

using Tensors = c10::List<at::Tensor>;

enum Precision : int64_t { single = 0, half = 1, bytes = 2 }; // as the managed side counts them

const Kernels &available() {
  TORCH_CHECK(kernels() != nullptr, "the packed operators need a processor with AVX-512 VNNI");
  return *kernels();
}

at::Tensor plain(const at::Tensor &tensor) {
  TORCH_CHECK(tensor.device().is_cpu(), "the packed operators run on the processor, found ", tensor.device());
  return tensor.detach().to(at::kFloat).contiguous();
}

// An empty tensor stands for what is not there.
std::vector<float> values(const at::Tensor &tensor) {
  const at::Tensor t = plain(tensor);
  return std::vector<float>(t.data_ptr<float>(), t.data_ptr<float>() + t.numel());
}

// A norm of so many features, or none where there is no weight. A bias may be left out.
NormWeights norm_of(const at::Tensor &weight, const at::Tensor &bias, int64_t width, double epsilon) {
  TORCH_CHECK((weight.numel() == width || weight.numel() == 0) && (bias.numel() == weight.numel() || bias.numel() == 0),
              "a norm's weight ", weight.sizes(), " and bias ", bias.sizes(), " found, expected [", width, "] of each");
  return {values(weight), values(bias), static_cast<float>(epsilon)};
}

Matrix matrix_of(Kind kind, const at::Tensor &weight, const at::Tensor &bias) {
  const at::Tensor w = plain(weight), b = plain(bias);
  TORCH_CHECK(w.dim() == 2 && (b.numel() == 0 || b.numel() == w.size(0)), "weights ", w.sizes(), " and bias ",
              b.sizes(), " found, expected [out, in] and [out]");
  return Matrix(kind, w.data_ptr<float>(), w.size(0), w.size(1), w.size(1),
                b.numel() == 0 ? nullptr : b.data_ptr<float>());
}

// Rows of more bytes leave a processor's cache no room for enough of them: they are taken in parts, but for rows of u8,
// of which there is room for twice as many as in bf16.
constexpr int64_t whole_bytes = 4096, part_bytes = 3072;

std::vector<Matrix> parts_of(Kind kind, const at::Tensor &weight, const at::Tensor &bias) {
  const int64_t inputs = weight.size(1), row = inputs * element_size(kind);
  const int64_t parts = kind != Kind::u8 && row > whole_bytes ? divided_up(row, part_bytes) : 1;
  auto start = [&](int64_t i) { // whole steps, but for the last part
    return i == parts ? inputs : inputs / step_width(kind) * i / parts * step_width(kind);
  };
  std::vector<Matrix> matrices;
  for (int64_t i = 0; i < parts; i++)
    matrices.push_back(
        matrix_of(kind, weight.narrow(1, start(i), start(i + 1) - start(i)), i == 0 ? bias : at::empty(0)));
  return matrices;
}

// bfloat16 goes by pairs: with an odd number of inputs, or on a processor without it, single precision stands in.
Kind kind_of(int64_t precision, bool even) {
  if (precision == bytes)
    return Kind::u8;
  return precision == half && available().has_bf16 && even ? Kind::bf16 : Kind::f32;
}

int threads() { return at::in_parallel_region() ? 1 : at::get_num_threads(); }

struct PackedLinear : torch::CustomClassHolder {
  Matrix matrix;
};

struct PackedTransformer : torch::CustomClassHolder {
  Transformer network;
};

struct PackedConvolutions : torch::CustomClassHolder {
  Convolutions network;
};

// 0: none; 1: single precision and bytes; 2: and bfloat16.
at::Tensor kernel_level() {
  return at::scalar_tensor(kernels() == nullptr ? 0 : kernels()->has_bf16 ? 2 : 1, at::kLong);
}

c10::intrusive_ptr<PackedLinear> linear_pack(const at::Tensor &weight, const at::Tensor &bias, int64_t precision) {
  available();
  auto packed = c10::make_intrusive<PackedLinear>();
  packed->matrix = matrix_of(kind_of(precision, weight.size(-1) % 2 == 0), weight, bias);
  return packed;
}

// activation(x weight^T + bias), rows of x to rows.
at::Tensor linear(const at::Tensor &x, const c10::intrusive_ptr<PackedLinear> &packed, int64_t activation) {
  const Kernels &k = available();
  const Weights &w = packed->matrix.weights();
  const at::Tensor input = plain(x);
  TORCH_CHECK(input.dim() > 0 && input.size(-1) == w.k, "found ", input.sizes(), ", expected [.., ", w.k, "]");
  std::vector<int64_t> shape = input.sizes().vec();
  shape.back() = w.n;
  at::Tensor out = at::empty(shape, at::kFloat);
  const int64_t rows = w.k == 0 ? 0 : input.numel() / w.k, wide = divided_up(w.k, 4) * 4;
  const float *from = input.data_ptr<float>();
  Parts size(nullptr);
  auto lay_out = [&](Parts &parts) {
    uint8_t *data = parts.take<uint8_t>(w.kind == Kind::f32 ? 0 : rows * wide * element_size(w.kind));
    return Quantized{data, wide, parts.take<float>(rows), parts.take<int32_t>(rows)};
  };
  lay_out(size);
  const Scratch room(size.used());
  Parts parts(room.data());
  const Quantized q = lay_out(parts);
  Barrier barrier;
  together(threads(), [&](int index, int count) {
    const Member member{index, count, &barrier};
    auto [first, last] = member.share(rows);
    if (w.kind == Kind::bf16)
      k.to_half(from + first * w.k, reinterpret_cast<uint16_t *>(q.data) + first * w.k, (last - first) * w.k);
    else if (w.kind == Kind::u8)
      k.quantize(from, Kind::f32, w.k, w.k, q, first, last);
    member.wait();
    auto [panel, end] = member.share(packed->matrix.panels());
    k.product({w.kind == Kind::f32 ? static_cast<const void *>(from) : q.data, w.kind == Kind::u8 ? wide : w.k, rows,
               q.scale, q.zero, &w, static_cast<Activation>(activation), nullptr, 0, out.data_ptr<float>(), w.n,
               Kind::f32, member.taken(), member.piece(packed->matrix.panels())},
              panel, end);
  });
  return out;
}

constexpr size_t layer_tensors = 16, front_tensors = 8;

Layer layer_of(const Tensors &tensors, size_t from, const Transformer &t, Kind kind, double epsilon) {
  auto tensor = [&](size_t i) { return plain(tensors.get(from + i)); };
  auto has = [&](size_t i, int64_t rows, int64_t columns) {
    return tensors.get(from + i).sizes() == at::IntArrayRef({rows, columns});
  };
  TORCH_CHECK(has(0, t.width, t.width) && has(2, t.width, t.width) && has(4, t.width, t.width) &&
                  has(6, t.width, t.width) && has(10, t.inner, t.width) && has(12, t.width, t.inner),
              "found a layer of other sizes than the first one's, expected width ", t.width, " and inner width ",
              t.inner);
  for (size_t i : {1, 3, 5})
    TORCH_CHECK(tensor(i).numel() == 0 || tensor(i).numel() == t.width, "a bias ", tensor(i).sizes(),
                " found, expected [", t.width, "]");
  for (size_t i : {8, 14})
    TORCH_CHECK(tensor(i).numel() == t.width, "a layer's norm ", tensor(i).sizes(), " found, expected [", t.width, "]");
  const double scale = 1 / std::sqrt(static_cast<double>(t.width / t.heads));
  std::vector<at::Tensor> weights = {tensor(0) * scale, tensor(2), tensor(4)}, biases;
  if (tensor(1).numel() > 0 || tensor(3).numel() > 0 || tensor(5).numel() > 0)
    for (size_t i : {1, 3, 5})
      biases.push_back(tensor(i).numel() > 0 ? tensor(i) * (i == 1 ? scale : 1) : at::zeros(t.width));
  Layer layer;
  layer.qkv = matrix_of(kind, at::cat(weights), biases.empty() ? at::empty(0) : at::cat(biases));
  layer.attended = matrix_of(kind, tensor(6), tensor(7));
  layer.attention_norm = norm_of(tensor(8), tensor(9), t.width, epsilon);
  layer.up = matrix_of(kind, tensor(10), tensor(11));
  layer.down = parts_of(kind, tensor(12), tensor(13));
  layer.output_norm = norm_of(tensor(14), tensor(15), t.width, epsilon);
  return layer;
}

Positions positions_of(const at::Tensor &weight, const at::Tensor &bias, int64_t width, int64_t groups,
                       int64_t activation, int64_t precision) {
  Positions positions;
  if (weight.numel() == 0)
    return positions;
  TORCH_CHECK(groups > 0 && width % groups == 0 && weight.dim() == 3 && weight.size(0) == width &&
                  weight.size(1) == width / groups && bias.numel() == width,
              "positions' weights ", weight.sizes(), " and bias ", bias.sizes(), " in ", groups,
              " groups found, expected [", width, ", ", width, " / groups, taps] and [", width, "]");
  positions.taps = weight.size(2);
  positions.activation = static_cast<Activation>(activation);
  // [outputs, inputs, taps] to [outputs, taps, inputs]: neighboring frames lie behind one another.
  const int64_t outputs = weight.size(0) / groups, inputs = weight.size(1) * weight.size(2);
  const at::Tensor rows = plain(weight).permute({0, 2, 1}).reshape({weight.size(0), inputs});
  const Kind kind = kind_of(precision == single ? single : half, inputs % 2 == 0);
  for (int64_t g = 0; g < groups; g++)
    positions.groups.push_back(
        matrix_of(kind, rows.narrow(0, g * outputs, outputs), plain(bias).narrow(0, g * outputs, outputs)));
  return positions;
}

// layers: of each layer the weight and bias of query, key, value and attention's output, attention's norm, the two
// feed-forward products and the output's norm. front: weight and bias of the input's norm and product, of the
// positions' convolution, and of the norm before all layers (after them with pre-normalization). Empty tensors stand
// for what is not there.
c10::intrusive_ptr<PackedTransformer> transformer_pack(int64_t precision, int64_t heads, double epsilon,
                                                       bool norm_first, int64_t activation, int64_t rotated,
                                                       int64_t position_groups, int64_t position_activation,
                                                       const Tensors &layers, const Tensors &front) {
  available();
  TORCH_CHECK(layers.size() >= layer_tensors && layers.size() % layer_tensors == 0 && front.size() == front_tensors,
              "found ", layers.size(), " and ", front.size(), " tensors, expected ", layer_tensors, " a layer and ",
              front_tensors);
  auto packed = c10::make_intrusive<PackedTransformer>();
  Transformer &t = packed->network;
  t.width = layers.get(6).size(0);
  t.heads = heads;
  t.inner = layers.get(10).size(0);
  t.norm_first = norm_first;
  t.activation = static_cast<Activation>(activation);
  t.rotated = rotated;
  TORCH_CHECK(heads > 0 && t.width % heads == 0 && std::max(t.width, t.inner) <= 8192, "width ", t.width,
              ", inner width ", t.inner, " and ", heads,
              " heads found, expected at most 8192 and heads that divide the width");
  TORCH_CHECK(rotated >= 0 && rotated <= t.width / heads, rotated, " features that turn found, expected 0 to ",
              t.width / heads);
  const bool even = t.width / heads % 2 == 0 && t.inner % 2 == 0;
  t.states = kind_of(precision == single ? single : half, even);
  const Kind kind = kind_of(precision, even);
  for (size_t i = 0; i < layers.size(); i += layer_tensors)
    t.layers.push_back(layer_of(layers, i, t, kind, epsilon));
  if (front.get(2).numel() > 0) {
    t.input_norm = norm_of(front.get(0), front.get(1), front.get(2).size(-1), epsilon);
    t.input = matrix_of(kind_of(precision, front.get(2).size(1) % 2 == 0), front.get(2), front.get(3));
    TORCH_CHECK(t.input.weights().n == t.width && t.input.weights().k <= 8192, "an input product of ",
                front.get(2).sizes(), " found");
  }
  t.positions = positions_of(front.get(4), front.get(5), t.width, position_groups, position_activation, precision);
  t.norm = norm_of(front.get(6), front.get(7), t.width, epsilon);
  return packed;
}

// Sequences of rows of x [rows, input width], as starts and lengths, to states [rows, width]: after each layer, or
// after the last. Rows of no sequence are zero.
std::vector<at::Tensor> transformer(const at::Tensor &x, const c10::intrusive_ptr<PackedTransformer> &packed,
                                    at::IntArrayRef starts, at::IntArrayRef lengths, bool every) {
  const Transformer &t = packed->network;
  const at::Tensor input = plain(x);
  TORCH_CHECK(input.dim() == 2 && input.size(1) == t.input_width(), "found ", input.sizes(), ", expected [rows, ",
              t.input_width(), "]");
  TORCH_CHECK(starts.size() == lengths.size(), "found ", starts.size(), " starts and ", lengths.size(), " lengths");
  int64_t covered = 0;
  for (size_t i = 0; i < starts.size(); i++) {
    TORCH_CHECK(starts[i] >= 0 && lengths[i] >= 0 && starts[i] <= input.size(0) &&
                    lengths[i] <= input.size(0) - starts[i],
                lengths[i], " rows from ", starts[i], " found, expected them within ", input.size(0));
    covered += lengths[i];
  }
  std::vector<at::Tensor> outs;
  std::vector<float *> places;
  for (size_t i = 0; i < (every ? t.layers.size() : 1); i++) {
    outs.push_back(covered == input.size(0) ? at::empty({input.size(0), t.width}, at::kFloat)
                                            : at::zeros({input.size(0), t.width}, at::kFloat));
    places.push_back(outs.back().data_ptr<float>());
  }
  t.run(input.data_ptr<float>(), starts.vec(), lengths.vec(), places, threads());
  return outs;
}

// weights [outputs, inputs, taps], biases, and norms: over the whole sound for the first convolution only where
// sound_norm, else over the channels of each frame. Empty tensors stand for what is not there.
c10::intrusive_ptr<PackedConvolutions> convolutions_pack(int64_t precision, at::IntArrayRef strides, double epsilon,
                                                         bool sound_norm, int64_t activation, const Tensors &weights,
                                                         const Tensors &biases, const Tensors &norm_weights,
                                                         const Tensors &norm_biases) {
  available();
  const size_t count = strides.size();
  TORCH_CHECK(count > 0 && weights.size() == count && biases.size() == count && norm_weights.size() == count &&
                  norm_biases.size() == count && weights.get(0).size(1) == 1,
              "expected as many weights, biases and norms as strides, and one channel in");
  auto packed = c10::make_intrusive<PackedConvolutions>();
  Convolutions &c = packed->network;
  c.activation = static_cast<Activation>(activation);
  bool even = true;
  for (size_t i = 1; i < count; i++)
    even = even && weights.get(i).size(1) * weights.get(i).size(2) % 2 == 0;
  c.states = kind_of(precision == single ? single : half, even);
  for (size_t i = 0; i < count; i++) {
    const at::Tensor w = plain(weights.get(i));
    TORCH_CHECK(
        w.dim() == 3 && w.numel() > 0 && w.size(0) <= 8192 && strides[i] > 0 &&
            (i == 0 || w.size(1) == weights.get(i - 1).size(0)),
        "a convolution ", w.sizes(), " with stride ", strides[i],
        " found, expected [outputs, inputs, taps] of at most 8192 outputs, as many inputs as the one before has "
        "outputs, and a stride above 0");
    const int64_t norm_width = norm_weights.get(i).numel(), norm_bias = norm_biases.get(i).numel();
    TORCH_CHECK(norm_bias == norm_width && (i > 0 || !sound_norm || norm_width > 0), "a norm with ", norm_width,
                " weights and ", norm_bias, " biases found, expected ", w.size(0), " of both");
    const Kind kind = i == 0 ? Kind::f32 : c.states; // the first reads the samples themselves
    SoundConvolution part;
    const bool fits = w.size(1) >= 64 && w.size(1) <= 1024; // worth it, and a tile of pairs goes into the kernel's room
    part.paired = kind == Kind::f32 && w.size(2) == 3 && strides[i] == 2 && fits;
    const at::Tensor taps = w.permute({2, 0, 1}); // [taps, outputs, inputs]
    const at::Tensor rows = part.paired
                                ? at::cat({taps[0] + taps[2], taps[0], taps[1], taps[1], taps[2]}, 1)
                                : taps.permute({1, 0, 2}).reshape({w.size(0), w.size(1) * w.size(2)}).contiguous();
    part.matrix = matrix_of(kind, rows, biases.get(i));
    part.inputs = w.size(1);
    part.taps = w.size(2);
    part.stride = strides[i];
    if (i == 0 && sound_norm) {
      c.first = values(rows);
      c.first_bias = values(biases.get(i));
      c.sound_norm = norm_of(norm_weights.get(i), norm_biases.get(i), w.size(0), epsilon);
    } else {
      part.norm = norm_of(norm_weights.get(i), norm_biases.get(i), w.size(0), epsilon);
    }
    c.parts.push_back(std::move(part));
  }
  return packed;
}

// Samples [n] to frames [frames, channels].
at::Tensor convolutions(const at::Tensor &sound, const c10::intrusive_ptr<PackedConvolutions> &packed) {
  const at::Tensor input = plain(sound);
  const int64_t frames = packed->network.frames(input.numel());
  TORCH_CHECK(input.dim() == 1 && frames > 0, "found ", input.sizes(), ", expected samples enough for a frame");
  at::Tensor out = at::empty({frames, packed->network.width()}, at::kFloat);
  packed->network.run(input.data_ptr<float>(), input.numel(), out.data_ptr<float>(), threads());
  return out;
}

// Gives memory that was freed in small pieces back to the system.
void give_back() {
  Scratch::give_back();
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

} // namespace

TORCH_LIBRARY(affekt, m) {
  m.class_<PackedLinear>("PackedLinear");
  m.class_<PackedTransformer>("PackedTransformer");
  m.class_<PackedConvolutions>("PackedConvolutions");
  m.def("kernel_level", kernel_level);
  m.def("give_back", give_back);
  m.def("linear_pack", linear_pack);
  m.def("linear", linear);
  m.def("transformer_pack", transformer_pack);
  m.def("transformer", transformer);
  m.def("convolutions_pack", convolutions_pack);
  m.def("convolutions", convolutions);
}

} // namespace affekt
