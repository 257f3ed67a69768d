// Threads that work on one thing together.
#pragma once

#include "kernels.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#if defined(_OPENMP)
#include <omp.h>
#endif

namespace affekt {

// Waits until all have come. Work between two of these takes microseconds, so it asks again and again before it lets
// others run.
class Barrier {
public:
  // What members took of the work since they last waited, where they take it piece by piece.
  alignas(64) int64_t taken = 0;

  void wait(int count) {
    const int round = round_.load(std::memory_order_relaxed);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == count) {
      arrived_.store(0, std::memory_order_relaxed);
      taken = 0;
      round_.store(round + 1, std::memory_order_release);
      return;
    }
    for (int asked = 0; round_.load(std::memory_order_acquire) == round; asked++) {
      if (asked > 2000)
        std::this_thread::yield();
#if defined(__x86_64__)
      else
        __builtin_ia32_pause();
#endif
    }
  }

private:
  alignas(64) std::atomic<int> arrived_{0};
  alignas(64) std::atomic<int> round_{0};
};

// One thread's place among those that share a piece of work.
struct Member {
  int index, count;
  Barrier *barrier;

  void wait() const {
    if (count > 1)
      barrier->wait(count);
  }

  // This member's part of n things, as [first, last).
  std::pair<int64_t, int64_t> share(int64_t n) const { return {n * index / count, n * (index + 1) / count}; }

  // What all have taken since they last waited, where there are several.
  int64_t *taken() const { return count > 1 ? &barrier->taken : nullptr; }

  // How many of n things to take at a time: so few that all end at about the same time, though one be slower than
  // others.
  int64_t piece(int64_t n) const { return std::max<int64_t>(1, n / (count * 12)); }

  // body(i) for those of n things that this member gets to before others.
  template <class Body> void each(int64_t n, Body body) const {
    if (count == 1)
      for (int64_t i = 0; i < n; i++)
        body(i);
    else
      for (int64_t i; (i = __atomic_fetch_add(&barrier->taken, 1, __ATOMIC_RELAXED)) < n;)
        body(i);
  }
};

// Runs body(index, count) on up to `threads` threads at once. What a body throws (failed allocations) is
// thrown here, once all have ended: an exception that leaves a parallel region would end the process. A body that waits
// at a barrier must not throw, for the others would wait for ever.
template <class Body> void together(int threads, Body body) {
#if defined(_OPENMP)
  if (threads > 1 && !omp_in_parallel()) {
    std::exception_ptr failure;
    std::mutex mutex;
#pragma omp parallel num_threads(threads)
    try {
      body(omp_get_thread_num(), omp_get_num_threads());
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex);
      if (!failure)
        failure = std::current_exception();
    }
    if (failure)
      std::rethrow_exception(failure);
    return;
  }
#endif
  (void)threads;
  body(0, 1);
}

} // namespace affekt
