// Runs a decoder that may be fed by strangers:
//   affekt-sandbox --memory BYTES --cpu SECONDS [--strict] [--read FILE]... -- PROGRAM ARGUMENTS...
//   affekt-sandbox --check     says, a line each, what this system cannot keep a program from
// The program may read the system's libraries and the files named, write to nothing but the pipes that it was given,
// and reach no network, no socket of another program and no other process. It takes this process's place, so that who
// started this can stop it. Where the system lacks a part of that the program runs with the others; with --strict it
// does not run then.
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

constexpr int failed = 125; // as env(1) and its like have it for a failure of their own

// The kernel's headers may be older than the kernel: what they may lack is spelled out.
constexpr uint64_t read_file = 1 << 2;
constexpr uint64_t read_folder = 1 << 3;
constexpr uint64_t execute = 1 << 0;
constexpr uint64_t write_file = 1 << 1;

struct Ruleset {
  uint64_t files;
  uint64_t network; // from version 4
  uint64_t scoped;  // from version 6
};

[[noreturn]] void fail(const char *what) {
  std::fprintf(stderr, "affekt-sandbox: %s: %s\n", what, std::strerror(errno));
  std::exit(failed);
}

uint64_t number(const char *text) {
  char *end = nullptr;
  errno = 0;
  const unsigned long long value = std::strtoull(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0') {
    std::fprintf(stderr, "affekt-sandbox: found %s, expected a number\n", text);
    std::exit(failed);
  }
  return value;
}

void limit(int resource, rlim_t value) {
  rlimit hard{};
  if (getrlimit(resource, &hard) != 0) {
    fail("getrlimit");
  }
  const rlim_t allowed = hard.rlim_max < value ? hard.rlim_max : value;
  const rlimit both{allowed, allowed};
  if (setrlimit(resource, &both) != 0) {
    fail("setrlimit");
  }
}

// A network of its own, with nothing in it. Users other than root need a user namespace for that; in one that maps
// nobody, root's powers over files are gone as well.
bool leave_network() { return unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 || unshare(CLONE_NEWNET) == 0; }

int landlock_version() {
  return static_cast<int>(syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION));
}

// Nothing where there is no such file: not every system has all of them.
void allow(int ruleset, const char *path, uint64_t access) {
  const int file = open(path, O_PATH | O_CLOEXEC);
  if (file < 0) {
    return;
  }
  landlock_path_beneath_attr rule{};
  rule.allowed_access = access;
  rule.parent_fd = file;
  if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) {
    fail(path);
  }
  close(file);
}

// Everything that the kernel can forbid is forbidden, then what a decoder needs is allowed. False where the kernel
// forbids nothing.
bool leave_files(const std::vector<const char *> &readable, const char *program) {
  const int version = landlock_version();
  if (version < 1) {
    return false;
  }
  Ruleset rules{};
  const int file_rights = version >= 5 ? 16 : version >= 3 ? 15 : version >= 2 ? 14 : 13;
  rules.files = (uint64_t{1} << file_rights) - 1;
  rules.network = version >= 4 ? 3 : 0; // TCP: bind, connect
  rules.scoped = version >= 6 ? 3 : 0;  // abstract sockets, signals
  const size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
  const int ruleset = static_cast<int>(syscall(SYS_landlock_create_ruleset, &rules, size, 0));
  if (ruleset < 0) {
    fail("landlock_create_ruleset");
  }
  for (const char *folder : {"/usr", "/lib", "/lib64", "/bin"}) {
    allow(ruleset, folder, read_file | read_folder | execute);
  }
  allow(ruleset, "/etc/ld.so.cache", read_file);
  allow(ruleset, "/dev/null", read_file | write_file);
  allow(ruleset, "/dev/urandom", read_file);
  allow(ruleset, program, read_file | execute);
  for (const char *file : readable) {
    allow(ruleset, file, read_file);
  }
  if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) {
    fail("landlock_restrict_self");
  }
  close(ruleset);
  return true;
}

#if defined(__x86_64__)
constexpr uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t architecture = AUDIT_ARCH_AARCH64;
#else
constexpr uint32_t architecture = 0;
#endif

constexpr uint32_t refuse = SECCOMP_RET_ERRNO | EACCES;

// Landlock knows nothing of sockets that have a path (a database's, a container engine's), nor the network's namespace
// of those of virtual machines. Only sockets of the Internet are left, where they lead nowhere; without a namespace not
// even those. What would get around this, or into another process, is refused too. False where the kernel filters no
// calls, or this processor's are not known here.
bool leave_sockets(bool has_own_network) {
  if (architecture == 0) {
    return false;
  }
  constexpr uint32_t number_at = offsetof(seccomp_data, nr);
  constexpr uint32_t family_at = offsetof(seccomp_data, args); // of a little-endian first argument, the low half
  std::vector<sock_filter> filter = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, number_at),
  };
#if defined(__x86_64__)
  // The same calls by other numbers.
  filter.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1));
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, refuse));
#endif
  // By number, since the headers may be older than the kernel: io_uring makes sockets too, pidfd_getfd takes others'.
  constexpr uint32_t io_uring_setup = 425;
  constexpr uint32_t pidfd_getfd = 438;
  for (const uint32_t call :
       {io_uring_setup, pidfd_getfd, static_cast<uint32_t>(SYS_ptrace), static_cast<uint32_t>(SYS_process_vm_readv),
        static_cast<uint32_t>(SYS_process_vm_writev), static_cast<uint32_t>(SYS_keyctl),
        static_cast<uint32_t>(SYS_add_key), static_cast<uint32_t>(SYS_request_key), static_cast<uint32_t>(SYS_bpf),
        static_cast<uint32_t>(SYS_perf_event_open), static_cast<uint32_t>(SYS_userfaultfd)}) {
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, refuse));
  }
  if (has_own_network) {
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 4));
    filter.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, family_at));
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 2, 0));
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 1, 0));
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, refuse));
  } else {
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 1));
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, refuse));
  }
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

int check() {
  const int version = landlock_version();
  if (version < 1) {
    std::printf("other files: the kernel has no Landlock (%s)\n", std::strerror(errno));
  }
  const bool has_own_network = leave_network();
  const int reason = errno;
  const bool is_filtered = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && leave_sockets(has_own_network);
  if (!is_filtered) {
    std::printf("other programs' sockets: the system filters no calls (%s)\n", std::strerror(errno));
  }
  // Without sockets there is no network either.
  if (!has_own_network && !is_filtered) {
    std::printf("the network: the system allows no namespace (%s)\n", std::strerror(reason));
  }
  return 0;
}

} // namespace

int main(int count, char **arguments) {
  std::vector<const char *> readable;
  uint64_t memory = 0;
  uint64_t seconds = 0;
  bool strict = false;
  int at = 1;
  for (; at < count && std::strcmp(arguments[at], "--") != 0; at++) {
    const std::string name = arguments[at];
    if (name == "--check") {
      return check();
    }
    if (name == "--strict") {
      strict = true;
      continue;
    }
    if (at + 1 == count) {
      break;
    }
    const char *value = arguments[++at];
    if (name == "--memory") {
      memory = number(value);
    } else if (name == "--cpu") {
      seconds = number(value);
    } else if (name == "--read") {
      readable.push_back(value);
    } else {
      std::fprintf(stderr, "affekt-sandbox: found %s, expected --memory, --cpu, --strict, --read or --\n",
                   name.c_str());
      return failed;
    }
  }
  if (at + 1 >= count || memory == 0 || seconds == 0) {
    std::fprintf(stderr, "affekt-sandbox: expected --memory BYTES --cpu SECONDS [--strict] [--read FILE]... -- PROGRAM "
                         "ARGUMENTS...\n");
    return failed;
  }
  char **program = arguments + at + 1;
  limit(RLIMIT_AS, memory);
  limit(RLIMIT_CPU, seconds);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NOFILE, 64);
  // Before the user namespace: in it, this process would not count as the files' owner.
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    fail("prctl");
  }
  const bool has_own_network = leave_network();
  const bool keeps_files = leave_files(readable, program[0]);
  const bool keeps_sockets = leave_sockets(has_own_network);
  if (strict && !(keeps_files && keeps_sockets)) {
    std::fprintf(stderr, "affekt-sandbox: found a system that cannot keep the program from %s\n",
                 keeps_files ? "other programs' sockets" : "other files");
    return failed;
  }
  execv(program[0], program);
  fail(program[0]);
}
