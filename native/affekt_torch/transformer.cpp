#include "transformer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

namespace affekt {

namespace {

// Rows that go through all layers together where a thread works alone: enough to keep the processor busy while weights
// come from memory, few enough for its cache. With fewer, threads share the columns of each product.
constexpr int64_t rows_alone = 98;

// Rows that all threads share, for each of them.
constexpr int64_t rows_shared = 256;

struct Sequence {
  int64_t from; // row of the caller's
  int64_t at;   // row here
  int64_t length;
};

using Group = std::vector<Sequence>;

int64_t rows_of(const Group &group) {
  return std::accumulate(group.begin(), group.end(), int64_t{0},
                         [](int64_t sum, const Sequence &s) { return sum + s.length; });
}

// What one group of rows needs.
struct Buffers {
  float *x;       // [rows, width]
  float *wide;    // [rows, input width], where there is an input product
  char *normed;   // [rows, max width], of the states' kind
  char *qkv;      // [rows, 3 width]
  char *attended; // [rows, width]
  char *inner;    // [rows, inner]
  Quantized quantized;
  char *padded;        // for each member: one group's channels of a sequence's frames, zeros around
  int64_t padded_size; // in the longest sequence
  char *attention;     // for each member
  int64_t attention_size;
  float *turns; // for each member: cosine and sine of each pair that turns, [rotated]

  Buffers(const Transformer &t, const Group &group, int members, Parts &parts) {
    const int64_t rows = rows_of(group), size = element_size(t.states);
    int64_t longest = 0;
    for (const Sequence &s : group)
      longest = std::max(longest, s.length);
    const int64_t widest = std::max({t.width, t.inner, t.input_width()});
    x = parts.take<float>(rows * t.width);
    wide = parts.take<float>(t.input.empty() ? 0 : rows * t.input_width());
    normed = parts.take<char>(rows * std::max(t.width, t.input_width()) * size);
    qkv = parts.take<char>(rows * 3 * t.width * size + 64);
    attended = parts.take<char>(rows * t.width * size + 64);
    inner = parts.take<char>(rows * t.inner * size + 64);
    const bool bytes = !t.layers.empty() && t.layers[0].qkv.weights().kind == Kind::u8;
    quantized = {nullptr, 0, nullptr, nullptr};
    if (bytes)
      quantized = {parts.take<uint8_t>(rows * divided_up(widest, 4) * 4), 0, parts.take<float>(rows),
                   parts.take<int32_t>(rows)};
    const int64_t groups = static_cast<int64_t>(t.positions.groups.size());
    padded_size = groups == 0 ? 0 : (longest + t.positions.taps) * (t.width / groups) * 4;
    padded = parts.take<char>(members * padded_size);
    attention_size = divided_up(attention_scratch(t.states, longest, t.width / t.heads), 64) * 64;
    attention = parts.take<char>(members * attention_size);
    turns = parts.take<float>(members * t.rotated);
  }
};

// A group's way through the network, walked by all members together; each step ends with all of them there.
class Walk {
public:
  Walk(const Transformer &t, const Kernels &k, const Group &group, const Buffers &b, const Member &member)
      : t_(t), k_(k), group_(group), b_(b), m_(member), rows_(rows_of(group)), size_(element_size(t.states)) {}

  void run(const float *x, const std::vector<float *> &outs) {
    read(x);
    for (size_t i = 0; i < t_.layers.size(); i++) {
      layer(t_.layers[i], i + 1 == t_.layers.size());
      const bool last = i + 1 == t_.layers.size();
      if (last && t_.norm_first && !t_.norm.empty())
        norm(t_.norm, b_.x, t_.width, true, Kind::f32);
      if (outs.size() > 1)
        write(outs[i]);
      else if (last)
        write(outs[0]);
    }
  }

private:
  Kind first_kind() const { return t_.layers[0].qkv.weights().kind; }

  void read(const float *x) {
    const int64_t wide = t_.input_width();
    float *to = t_.input.empty() ? b_.x : b_.wide;
    for (const Sequence &s : group_) {
      auto [first, last] = m_.share(s.length);
      std::memcpy(to + (s.at + first) * wide, x + (s.from + first) * wide,
                  static_cast<size_t>((last - first) * wide) * 4);
    }
    m_.wait();
    if (!t_.input.empty()) {
      const Kind kind = t_.input.weights().kind;
      if (!t_.input_norm.empty())
        norm(t_.input_norm, b_.wide, wide, true, kind);
      else
        convert(b_.wide, wide, kind);
      product(t_.input, operand(b_.wide, wide, kind), Activation::none, nullptr, b_.x, t_.width, Kind::f32);
    }
    if (!t_.positions.groups.empty())
      place();
    if (t_.norm_first)
      return;
    if (t_.norm.empty())
      convert(b_.x, t_.width, first_kind());
    else
      norm(t_.norm, b_.x, t_.width, true, first_kind());
  }

  void write(float *out) {
    for (const Sequence &s : group_) {
      auto [first, last] = m_.share(s.length);
      std::memcpy(out + (s.from + first) * t_.width, b_.x + (s.at + first) * t_.width,
                  static_cast<size_t>((last - first) * t_.width) * 4);
    }
    m_.wait();
  }

  // Rows as a product takes them: f32 as they lie, bf16 in `normed`, u8 in `quantized`.
  struct Operand {
    const void *data;
    int64_t ld;
  };

  Operand operand(const void *rows, int64_t width, Kind kind) const {
    switch (kind) {
    case Kind::f32:
      return {rows, width};
    case Kind::bf16:
      return {b_.normed, width};
    default:
      return {b_.quantized.data, divided_up(width, 4) * 4};
    }
  }

  Quantized bytes(int64_t width) const {
    Quantized q = b_.quantized;
    q.ld = divided_up(width, 4) * 4;
    return q;
  }

  // Normalized rows: in place where asked for, and as a product of that kind takes them.
  const void *norm(const NormWeights &w, float *x, int64_t width, bool in_place, Kind kind,
                   Activation activation = Activation::none) {
    float *out = in_place ? x : kind == Kind::f32 ? reinterpret_cast<float *>(b_.normed) : nullptr;
    Norm n{x,
           Kind::f32,
           width,
           width,
           w.weight.data(),
           w.bias.empty() ? nullptr : w.bias.data(),
           w.epsilon,
           activation,
           out,
           width,
           nullptr,
           width,
           {nullptr, 0, nullptr, nullptr}};
    if (kind == Kind::bf16)
      n.half = reinterpret_cast<uint16_t *>(b_.normed);
    else if (kind == Kind::u8)
      n.quantized = bytes(width);
    auto [first, last] = m_.share(rows_);
    k_.norm(n, first, last);
    m_.wait();
    return out;
  }

  void convert(const float *x, int64_t width, Kind kind) {
    auto [first, last] = m_.share(rows_);
    if (kind == Kind::bf16)
      k_.to_half(x + first * width, reinterpret_cast<uint16_t *>(b_.normed) + first * width, (last - first) * width);
    else if (kind == Kind::u8)
      k_.quantize(x, Kind::f32, width, width, bytes(width), first, last);
    m_.wait();
  }

  // States between products as the next one takes them.
  Operand next(const Matrix &matrix, const char *states, int64_t width) {
    if (matrix.weights().kind != Kind::u8)
      return {states, width};
    auto [first, last] = m_.share(rows_);
    k_.quantize(states, t_.states, width, width, bytes(width), first, last);
    m_.wait();
    return operand(nullptr, width, Kind::u8);
  }

  void product(const Matrix &matrix, Operand a, Activation activation, const float *residual, void *out, int64_t ldo,
               Kind out_kind) {
    const int64_t panels = matrix.panels();
    const Product p{a.data, a.ld, rows_, b_.quantized.scale, b_.quantized.zero, &matrix.weights(), activation, residual,
                    ldo,    out,  ldo,   out_kind,           m_.taken(),        m_.piece(panels)};
    if (m_.count > 1 && rows_ >= m_.count * rows_alone) {
      const int64_t blocks = divided_up(rows_, rows_alone);
      m_.each(blocks,
              [&](int64_t i) { k_.product(part_of(p, rows_ * i / blocks, rows_ * (i + 1) / blocks), 0, panels); });
    } else {
      auto [first, last] = m_.share(panels);
      k_.product(p, first, last);
    }
    m_.wait();
  }

  // A product's rows from first to last, as one that no others work on.
  static Product part_of(Product p, int64_t first, int64_t last) {
    p.a = static_cast<const char *>(p.a) + first * p.lda * element_size(p.weights->kind);
    p.rows = last - first;
    if (p.weights->kind == Kind::u8) {
      p.row_scale += first;
      p.row_zero += first;
    }
    if (p.residual != nullptr)
      p.residual += first * p.ldr;
    p.out = static_cast<char *>(p.out) + first * p.ldo * element_size(p.out_kind);
    p.taken = nullptr;
    return p;
  }

  void layer(const Layer &l, bool last) {
    const Kind kind = l.qkv.weights().kind;
    const void *in = b_.x;
    if (t_.norm_first)
      in = norm(l.attention_norm, b_.x, t_.width, false, kind);
    product(l.qkv, operand(in, t_.width, kind), Activation::none, nullptr, b_.qkv, 3 * t_.width, t_.states);
    if (t_.rotated > 0)
      rotate();
    attend();
    product(l.attended, next(l.attended, b_.attended, t_.width), Activation::none, b_.x, b_.x, t_.width, Kind::f32);
    in = norm(t_.norm_first ? l.output_norm : l.attention_norm, b_.x, t_.width, !t_.norm_first, kind);
    product(l.up, operand(in, t_.width, kind), t_.activation, nullptr, b_.inner, t_.inner, t_.states);
    Operand inner = next(l.down[0], b_.inner, t_.inner);
    for (const Matrix &part : l.down) {
      product(part, inner, Activation::none, b_.x, b_.x, t_.width, Kind::f32);
      inner.data = static_cast<const char *>(inner.data) + part.weights().k * size_;
    }
    if (!t_.norm_first)
      norm(l.output_norm, b_.x, t_.width, true, last ? Kind::f32 : kind);
  }

  void attend() {
    const int64_t head = t_.width / t_.heads;
    m_.each(static_cast<int64_t>(group_.size()) * t_.heads, [&](int64_t task) {
      const Sequence &s = group_[static_cast<size_t>(task / t_.heads)];
      const int64_t column = task % t_.heads * head;
      const char *q = b_.qkv + (s.at * 3 * t_.width + column) * size_;
      k_.attend({t_.states, q, q + t_.width * size_, q + 2 * t_.width * size_, 3 * t_.width, s.length, head,
                 b_.attended + (s.at * t_.width + column) * size_, t_.width,
                 b_.attention + m_.index * b_.attention_size});
    });
    m_.wait();
  }

  // Turns interleaved pairs of queries and keys by their positions (Su et al., 2021), frequencies 10000^(-2i/rotated).
  void rotate() {
    const int64_t head = t_.width / t_.heads, pairs = t_.rotated / 2;
    float *const turn = b_.turns + m_.index * t_.rotated;
    for (const Sequence &s : group_) {
      auto [first, last] = m_.share(s.length);
      for (int64_t frame = first; frame < last; frame++) {
        for (int64_t i = 0; i < pairs; i++) {
          const float angle =
              static_cast<float>(frame) *
              static_cast<float>(std::pow(10000.0, -2.0 * static_cast<double>(i) / static_cast<double>(t_.rotated)));
          turn[2 * i] = std::cos(angle);
          turn[2 * i + 1] = std::sin(angle);
        }
        for (int64_t part = 0; part < 2 * t_.heads; part++)
          turn_pairs(b_.qkv + ((s.at + frame) * 3 * t_.width + part * head) * size_, turn);
      }
    }
    m_.wait();
  }

  void turn_pairs(char *row, const float *turn) const {
    for (int64_t i = 0; i < t_.rotated / 2 * 2; i += 2) {
      float pair[2];
      if (t_.states == Kind::f32) {
        std::memcpy(pair, row + i * 4, 8);
      } else {
        uint16_t halves[2];
        std::memcpy(halves, row + i * 2, 4);
        for (int j = 0; j < 2; j++) {
          const uint32_t bits = static_cast<uint32_t>(halves[j]) << 16;
          std::memcpy(&pair[j], &bits, 4);
        }
      }
      const float turned[2] = {pair[0] * turn[i] - pair[1] * turn[i + 1], pair[1] * turn[i] + pair[0] * turn[i + 1]};
      if (t_.states == Kind::f32)
        std::memcpy(row + i * 4, turned, 8);
      else
        k_.to_half(turned, reinterpret_cast<uint16_t *>(row) + i, 2);
    }
  }

  // Each group of channels is laid out by itself, frame after frame, so that the frames that the taps see are one row.
  void place() {
    const int64_t groups = static_cast<int64_t>(t_.positions.groups.size()), channels = t_.width / groups,
                  before = t_.positions.taps / 2;
    m_.each(groups, [&](int64_t g) {
      const Matrix &matrix = t_.positions.groups[static_cast<size_t>(g)];
      const Kind kind = matrix.weights().kind;
      const int64_t frame = channels * element_size(kind);
      char *padded = b_.padded + m_.index * b_.padded_size;
      for (const Sequence &s : group_) {
        float *x = b_.x + s.at * t_.width + g * channels;
        std::memset(padded, 0, static_cast<size_t>((s.length + t_.positions.taps) * frame));
        for (int64_t f = 0; f < s.length; f++) {
          char *to = padded + (before + f) * frame;
          if (kind == Kind::f32)
            std::memcpy(to, x + f * t_.width, static_cast<size_t>(frame));
          else
            k_.to_half(x + f * t_.width, reinterpret_cast<uint16_t *>(to), channels);
        }
        k_.product({padded, channels, s.length, nullptr, nullptr, &matrix.weights(), t_.positions.activation, x,
                    t_.width, x, t_.width, Kind::f32},
                   0, matrix.panels());
      }
    });
    m_.wait();
  }

  const Transformer &t_;
  const Kernels &k_;
  const Group &group_;
  const Buffers &b_;
  const Member m_;
  const int64_t rows_, size_;
};

// The first sequences of a list from `next` on, numbered row by row.
Group take(const Group &list, size_t &next, int64_t most) {
  Group group;
  int64_t rows = 0;
  while (next < list.size() && (group.empty() || rows + list[next].length <= most)) {
    group.push_back(list[next++]);
    group.back().at = rows;
    rows += group.back().length;
  }
  return group;
}

// Groups that threads work on alone, the longest sequences first; none where the threads had better share.
std::vector<Group> divide(Group all, int threads) {
  const int64_t rows = rows_of(all);
  if (threads < 2 || rows < threads * rows_alone)
    return {};
  std::stable_sort(all.begin(), all.end(), [](const Sequence &a, const Sequence &b) { return a.length > b.length; });
  const int64_t most = divided_up(rows, threads * divided_up(rows, threads * rows_alone));
  std::vector<Group> groups;
  std::vector<int64_t> busy(static_cast<size_t>(threads), 0); // rows of each thread, where all are as fast
  for (size_t next = 0; next < all.size();) {
    groups.push_back(take(all, next, most));
    *std::min_element(busy.begin(), busy.end()) += rows_of(groups.back());
  }
  const int64_t longest = *std::max_element(busy.begin(), busy.end());
  return longest * threads > rows + rows / 8 ? std::vector<Group>() : groups;
}

} // namespace

void Transformer::run(const float *x, const std::vector<int64_t> &starts, const std::vector<int64_t> &lengths,
                      const std::vector<float *> &outs, int threads) const {
  Group all;
  for (size_t i = 0; i < starts.size(); i++)
    if (lengths[i] > 0)
      all.push_back({starts[i], 0, lengths[i]});
  if (all.empty())
    return;
  const Kernels &k = *kernels();
  const std::vector<Group> groups = divide(all, threads);
  if (!groups.empty()) {
    std::atomic<size_t> next{0};
    together(threads, [&](int, int) {
      for (size_t i; (i = next.fetch_add(1)) < groups.size();) {
        Parts size(nullptr);
        Buffers(*this, groups[i], 1, size);
        const Scratch room(size.used());
        Parts parts(room.data());
        Walk(*this, k, groups[i], Buffers(*this, groups[i], 1, parts), {0, 1, nullptr}).run(x, outs);
      }
    });
    return;
  }
  for (size_t next = 0; next < all.size();) {
    const Group group = take(all, next, rows_shared * threads);
    Parts size(nullptr);
    Buffers(*this, group, threads, size);
    const Scratch room(size.used());
    Parts parts(room.data());
    const Buffers buffers(*this, group, threads, parts);
    Barrier barrier;
    together(threads, [&](int index, int count) {
      Walk(*this, k, group, buffers, {index, count, &barrier}).run(x, outs);
    });
  }
}

} // namespace affekt
