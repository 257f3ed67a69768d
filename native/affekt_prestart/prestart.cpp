// Loads a program once and runs it many times. Preloaded into ffmpeg or ffprobe (LD_PRELOAD) with AFFEKT_PRESTART
// naming a socket to make, it holds the program back before main and forks it for each request: loading and relocating
// two hundred libraries takes longer than a short clip. Without that variable it does nothing.
//
// A request is a connection: 4 bytes of length, then the arguments, each ended by a zero byte; with its first byte come
// two descriptors, for standard output and standard error. The answers on it are the process's number once it runs, and
// how it ended, 4 bytes each. Closing the sending half kills the process. This server lives as long as somebody holds
// the other end of its standard input, and takes what it started with it.
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using Main = int (*)(int, char **, char **);
using Start = int (*)(Main, int, char **, int (*)(int, char **, char **), void (*)(), void (*)(), void *);

constexpr char variable[] = "AFFEKT_PRESTART";
constexpr char ready[] = "affekt-prestart 1\n";
constexpr uint32_t longest_request = 1 << 20;
constexpr int killed = 128; // plus the signal, as shells say it
constexpr int left_alone[] = {SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGPIPE};

Main program_main;

struct Running {
  pid_t pid;
  int connection;
  bool watched; // until its owner has left
};

struct Server {
  std::string path;
  int listener = -1;
  int ended = -1; // tells of children's ends
  sigset_t mask{};
  struct sigaction before[sizeof left_alone / sizeof *left_alone]{};
  std::vector<Running> running;
};

// Of a process with threads fork would copy one only.
bool is_single_threaded() {
  DIR *tasks = opendir("/proc/self/task");
  if (tasks == nullptr) {
    return false;
  }
  int count = 0;
  while (const dirent *entry = readdir(tasks)) {
    count += entry->d_name[0] != '.';
  }
  closedir(tasks);
  return count == 1;
}

bool open_server(Server &server) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (server.path.size() >= sizeof address.sun_path || !is_single_threaded()) {
    return false;
  }
  std::memcpy(address.sun_path, server.path.c_str(), server.path.size());
  server.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (server.listener < 0 || bind(server.listener, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0 ||
      listen(server.listener, SOMAXCONN) != 0) {
    return false;
  }
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  sigprocmask(SIG_BLOCK, &children, &server.mask);
  server.ended = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
  // What a terminal or a service manager sends to all is for the owner to answer; its end is this one's.
  for (size_t i = 0; i < sizeof left_alone / sizeof *left_alone; i++) {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    sigaction(left_alone[i], &ignore, &server.before[i]);
  }
  return server.ended >= 0;
}

bool send_number(int connection, int32_t number) {
  return send(connection, &number, sizeof number, MSG_NOSIGNAL) == sizeof number;
}

bool receive_rest(int connection, char *to, size_t count) {
  while (count > 0) {
    const ssize_t got = recv(connection, to, count, 0);
    if (got <= 0) {
      return false;
    }
    to += got;
    count -= static_cast<size_t>(got);
  }
  return true;
}

// The request's first bytes and the descriptors that come with them; false for anything else.
bool receive_head(int connection, uint32_t &length, int (&outputs)[2]) {
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof outputs)]{};
  iovec data{&length, sizeof length};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t got = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
  const cmsghdr *rights = got > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
  if (rights == nullptr || rights->cmsg_type != SCM_RIGHTS || rights->cmsg_len != CMSG_LEN(sizeof outputs)) {
    return false;
  }
  std::memcpy(outputs, CMSG_DATA(rights), sizeof outputs);
  return receive_rest(connection, reinterpret_cast<char *>(&length) + got, sizeof length - static_cast<size_t>(got)) &&
         length <= longest_request;
}

#ifdef __GLIBC__
// Tearing down the libraries takes several times as long as the fork, for memory that is gone anyway.
void leave(int status, void *) {
  std::fflush(nullptr);
  _exit(status);
}
#endif

[[noreturn]] void run_program(const Server &server, pid_t parent, const int (&outputs)[2], char *name, char *arguments,
                              uint32_t length) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (getppid() != parent || dup2(nothing, 0) < 0 || dup2(outputs[0], 1) < 0 || dup2(outputs[1], 2) < 0) {
    _exit(killed);
  }
  close(nothing);
  close(outputs[0]);
  close(outputs[1]);
  close(server.listener);
  close(server.ended);
  for (const Running &other : server.running) {
    close(other.connection);
  }
  for (size_t i = 0; i < sizeof left_alone / sizeof *left_alone; i++) {
    sigaction(left_alone[i], &server.before[i], nullptr);
  }
  sigprocmask(SIG_SETMASK, &server.mask, nullptr);

  std::vector<char *> values{name};
  for (char *at = arguments; at < arguments + length; at += std::strlen(at) + 1) {
    values.push_back(at);
  }
  values.push_back(nullptr);
#ifdef __GLIBC__
  on_exit(leave, nullptr);
#endif
  std::exit(program_main(static_cast<int>(values.size() - 1), values.data(), environ));
}

void accept_request(Server &server, char *name) {
  const int connection = accept4(server.listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (connection < 0) {
    return;
  }
  // A request is sent whole, so that this waits for nobody who is well.
  const timeval patience{1, 0};
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  uint32_t length = 0;
  int outputs[2] = {-1, -1};
  std::vector<char> arguments;
  bool started = receive_head(connection, length, outputs);
  if (started) {
    arguments.resize(length + 1); // ends the last argument, whatever came
    started = receive_rest(connection, arguments.data(), length);
  }
  if (started) {
    server.running.push_back({0, connection, true});
    const pid_t own = getpid();
    const pid_t pid = fork();
    if (pid == 0) {
      run_program(server, own, outputs, name, arguments.data(), length);
    }
    server.running.back().pid = pid;
    if (pid < 0) {
      server.running.pop_back();
    }
    started = pid > 0;
  }
  close(outputs[0]);
  close(outputs[1]);
  if (!started) {
    close(connection);
  } else {
    send_number(connection, server.running.back().pid);
  }
}

void report_ends(Server &server) {
  signalfd_siginfo information;
  while (read(server.ended, &information, sizeof information) > 0) {
  }
  int status = 0;
  pid_t pid = 0;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    for (size_t i = 0; i < server.running.size(); i++) {
      if (server.running[i].pid == pid) {
        send_number(server.running[i].connection, WIFEXITED(status) ? WEXITSTATUS(status) : killed + WTERMSIG(status));
        close(server.running[i].connection);
        server.running.erase(server.running.begin() + static_cast<std::ptrdiff_t>(i));
        break;
      }
    }
  }
}

[[noreturn]] void close_server(const Server &server) {
  for (const Running &one : server.running) {
    kill(one.pid, SIGKILL);
  }
  unlink(server.path.c_str());
  rmdir(server.path.substr(0, server.path.rfind('/')).c_str());
  _exit(0);
}

void serve(Server &server, char *name) {
  std::vector<pollfd> polled;
  while (true) {
    polled = {{0, POLLIN, 0}, {server.listener, POLLIN, 0}, {server.ended, POLLIN, 0}};
    for (const Running &one : server.running) {
      polled.push_back({one.watched ? one.connection : -1, POLLIN, 0});
    }
    if (poll(polled.data(), polled.size(), -1) < 0) {
      continue;
    }
    char byte = 0;
    if (polled[0].revents != 0 && read(0, &byte, 1) <= 0) {
      close_server(server);
    }
    for (size_t i = 0; i < server.running.size(); i++) {
      if (polled[i + 3].revents != 0) {
        // Nothing more is said on a connection: this is its end.
        server.running[i].watched = false;
        kill(server.running[i].pid, SIGKILL);
      }
    }
    if (polled[2].revents != 0) {
      report_ends(server);
    }
    if (polled[1].revents != 0) {
      accept_request(server, name);
    }
  }
}

int wait_for_requests(int, char **arguments, char **) {
  Server server;
  server.path = getenv(variable);
  unsetenv(variable);
  if (!open_server(server)) {
    return 1;
  }
  const bool told = write(1, ready, sizeof ready - 1) == sizeof ready - 1;
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (!told || dup2(nothing, 1) < 0 || dup2(nothing, 2) < 0) {
    close_server(server);
  }
  close(nothing);
  serve(server, arguments[0]);
  return 0;
}

} // namespace

// The C library calls main; here it calls the server's in its place.
extern "C" __attribute__((visibility("default"))) int __libc_start_main(Main main, int count, char **arguments,
                                                                        int (*init)(int, char **, char **),
                                                                        void (*fini)(), void (*linker)(), void *stack) {
  const auto start = reinterpret_cast<Start>(dlsym(RTLD_NEXT, "__libc_start_main"));
  if (getenv(variable) != nullptr) {
    program_main = main;
    main = wait_for_requests;
  }
  return start(main, count, arguments, init, fini, linker, stack);
}
