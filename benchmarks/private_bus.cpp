// Starts dbus-daemon and dbus-broker for this program only: at an abstract address, so that nothing
// is left behind, and with a signal that ends them when this program ends.
#include "private_bus.hpp"

#include "rows.hpp"

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

namespace bench {
namespace {

std::string abstract_name(const char* kind) {
    return "ctbus-benchmarks-" + std::to_string(::getpid()) + "-" + kind;
}

// A program that ends with this one.
class child {
public:
    child() = default;
    child(const child&) = delete;
    child& operator=(const child&) = delete;
    ~child() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
    }

    void start(const char* program, auto... arguments) {
        const pid_t parent = ::getpid();
        pid_ = ::fork();
        if (pid_ < 0) give_up("fork", -errno);
        if (pid_ > 0) return;
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
        ::dup2(nowhere, STDERR_FILENO);
        if (::getppid() == parent)
            ::execlp(program, program, arguments..., static_cast<char*>(nullptr));
        ::_exit(127);
    }

private:
    pid_t pid_ = 0;
};

constexpr char config[] = R"(<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:abstract=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
  <limit name="max_match_rules_per_connection">50000</limit>
  <limit name="max_replies_per_connection">50000</limit>
</busconfig>)";

struct dbus_daemon {
    std::string address;
    child process;

    dbus_daemon() {
        const std::string name = abstract_name("daemon");
        const int file = ::memfd_create("config", 0);
        ::dprintf(file, config, name.c_str());
        int ready[2];
        if (::pipe(ready) < 0) give_up("pipe", -errno);
        const std::string from = "--config-file=/proc/self/fd/" + std::to_string(file);
        const std::string print = "--print-address=" + std::to_string(ready[1]);
        process.start("dbus-daemon", "--nofork", "--nopidfile", from.c_str(), print.c_str());
        ::close(ready[1]);
        ::close(file);
        char c = 0; // it listens once it prints
        if (::read(ready[0], &c, 1) != 1) give_up("dbus-daemon", -ENOENT);
        ::close(ready[0]);
        address = "unix:abstract=" + name;
    }
};

// What a broker's controller, which is this program, says of who may do what: anybody anything. The
// form is that of dbus-broker 33.
constexpr char rules[] = "bta(btbs)a(btssssuutt)a(btssssuutt)";

int append_policy(sd_bus_message* m) {
    const std::string batch = rules;
    const std::string by_user = "(u(" + batch + "))", by_group = "(buu(" + batch + "))";
    const std::string whole = "a" + by_user + "a" + by_group + "a(ss)bs";
    const std::uint64_t priority = 1, any = 0;
    check(sd_bus_message_open_container(m, 'v', ("(" + whole + ")").c_str()));
    check(sd_bus_message_open_container(m, 'r', whole.c_str()));
    check(sd_bus_message_open_container(m, 'a', by_user.c_str()));
    check(sd_bus_message_open_container(m, 'r', ("u(" + batch + ")").c_str()));
    check(sd_bus_message_append(m, "u", static_cast<std::uint32_t>(-1)));
    check(sd_bus_message_open_container(m, 'r', batch.c_str()));
    check(sd_bus_message_append(m, rules, true, priority, 1, true, priority, true, "", 1, true,
                                priority, "", "", "", "", 0, 0, any, any, 1, true, priority, "", "",
                                "", "", 0, 0, any, any));
    for (int i = 0; i < 3; ++i) check(sd_bus_message_close_container(m));
    check(sd_bus_message_append(m, ("a" + by_group).c_str(), 0));
    check(sd_bus_message_append(m, "a(ss)bs", 0, false, "user"));
    check(sd_bus_message_close_container(m));
    return check(sd_bus_message_close_container(m));
}

// dbus-broker-launch needs systemd to activate services: this program, which has none to activate,
// controls the broker itself.
struct dbus_broker {
    std::string address;
    sd_bus* controller = nullptr;
    child process;

    dbus_broker() {
        const std::string name = abstract_name("broker");
        const int listening = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        std::memcpy(at.sun_path + 1, name.data(), name.size());
        const std::size_t length = offsetof(sockaddr_un, sun_path) + 1 + name.size();
        if (::bind(listening, reinterpret_cast<const sockaddr*>(&at),
                   static_cast<socklen_t>(length)) < 0 ||
            ::listen(listening, SOMAXCONN) < 0)
            give_up("bind", -errno);

        int ends[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) < 0)
            give_up("socketpair", -errno);
        ::fcntl(ends[0], F_SETFD, FD_CLOEXEC);
        process.start("dbus-broker", "--controller", std::to_string(ends[1]).c_str(),
                      "--machine-id", "0123456789abcdef0123456789abcdef", "--max-matches",
                      "100000");
        ::close(ends[1]);

        check(sd_bus_new(&controller));
        check(sd_bus_set_fd(controller, ends[0], ends[0]));
        check(sd_bus_start(controller));
        sd_bus_message* m = nullptr;
        check(sd_bus_message_new_method_call(controller, &m, nullptr, "/org/bus1/DBus/Broker",
                                             "org.bus1.DBus.Broker", "AddListener"));
        check(sd_bus_message_append(m, "oh", "/org/bus1/DBus/Listener/0", listening));
        append_policy(m);
        check(sd_bus_call(controller, m, 0, nullptr, nullptr), "dbus-broker's AddListener");
        sd_bus_message_unref(m);
        ::close(listening);
        address = "unix:abstract=" + name;
    }
    ~dbus_broker() { sd_bus_close_unref(controller); }
};

} // namespace

const std::string& bus_address(transport which) {
    if (which == transport::broker) {
        static const dbus_broker one;
        return one.address;
    }
    static const dbus_daemon one;
    return one.address;
}

} // namespace bench
