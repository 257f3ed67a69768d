// Convolutions whose outputs are worked out by pairs; compiled with kernels_avx512_products.h.
namespace affekt {
namespace AFFEKT_ISA {
namespace {

// The inputs of a tile of pairs, whose frames lie side by side: [f2, f0 - f2, f1, f3, f4 - f2], each [width][16]. The
// last two belong to the second outputs, of which there may be one less.
INLINE void gather_pairs(const char *frames, int64_t frame, int64_t firsts, int64_t seconds, int64_t width, char *to) {
  const int64_t pair = 4 * frame, part = width * 64;
  gather(frames + 2 * frame, pair, firsts, width, to);
  gather<true>(frames, pair, firsts, width, to + part, 2 * frame);
  gather(frames + frame, pair, firsts, width, to + 2 * part);
  gather(frames + 3 * frame, pair, seconds, width, to + 3 * part);
  gather<true>(frames + 4 * frame, pair, seconds, width, to + 4 * part, -2 * frame);
}

void paired_product(const Product &p, int64_t first_panel, int64_t last_panel) {
  const Weights &w = *p.weights;
  const int64_t width = w.k / 5, frame = p.lda * 4, panel_bytes = w.steps * panel_width * 4;
  const int64_t tile_bytes = w.k * 64, step_bytes = panel_width * 4;
  const char *a = static_cast<const char *>(p.a), *b = static_cast<const char *>(w.data);
  char *gathered = gathered_room();
  constexpr int64_t most_tiles = 16;
  const int64_t fitting = gathered_bytes / tile_bytes, at_once = fitting < most_tiles ? fitting : most_tiles;
  const int64_t block = at_once * tile_rows, pairs = divided_up(p.rows, 2);
  // The sums that both outputs of a pair begin with, then theirs.
  alignas(64) int32_t firsts[most_tiles * tile_rows * panel_width], seconds[most_tiles * tile_rows * panel_width];
  Product even = p, odd = p;
  even.ldo = odd.ldo = 2 * p.ldo;
  even.ldr = odd.ldr = 2 * p.ldr;
  odd.out = row_at(p.out, p.out_kind, p.ldo);
  odd.residual = p.residual ? p.residual + p.ldr : nullptr;
  for (int64_t from = 0; from < pairs; from += block) {
    const int64_t to = from + block < pairs ? from + block : pairs, tiles = divided_up(to - from, tile_rows);
    const int64_t second_to = to < p.rows / 2 ? to : p.rows / 2;
    for (int64_t pair = from, rows, i = 0; pair < to; pair += rows, i++) {
      rows = next_rows(to - pair);
      const int64_t with_second = pair + rows < second_to ? rows : second_to - pair;
      gather_pairs(a + pair * 4 * frame, frame, rows, with_second, width, gathered + i * tile_bytes);
    }
    // Adds the products of `steps` inputs to a block's sums, while the next `ahead` bytes of weights come nearer.
    auto add = [&](const char *columns, int64_t first, int64_t steps, int32_t *sums, bool adds, int64_t ahead) {
      const char *here = columns + first * step_bytes, *next = here + steps * step_bytes;
      for (int64_t pair = from, rows, i = 0; pair < to; pair += rows, i++) {
        rows = next_rows(to - pair);
        tile_of<StepF32, true>(rows)(gathered + i * tile_bytes + first * 64, 0, here, steps,
                                     sums + (pair - from) * panel_width, panel_width, adds,
                                     {next + i * ahead / tiles, ahead / (tiles * steps)});
      }
    };
    for (int64_t panel = first_panel; panel < last_panel; panel++) {
      const char *columns = b + panel * panel_bytes;
      add(columns, 0, width, firsts, false, 2 * width * step_bytes);
      __builtin_memcpy(seconds, firsts, static_cast<size_t>((to - from) * panel_width) * 4);
      add(columns, width, 2 * width, firsts, true, 2 * width * step_bytes);
      add(columns, 3 * width, 2 * width, seconds, true, width * step_bytes);
      finish(even, firsts, from, to - from, panel * panel_width);
      finish(odd, seconds, from, second_to - from, panel * panel_width);
    }
  }
}

} // namespace
} // namespace AFFEKT_ISA
} // namespace affekt
