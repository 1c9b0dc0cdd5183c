// A connection without a bus: two ends of a socket, one of them served by a thread of its own.
// The socket might as well lead to a child process, or come from accept().
#include <ctbus/ctbus.hpp>

#include <iostream>
#include <string_view>
#include <sys/socket.h>
#include <thread>

struct Worker :
    ctbus::interface<"org.example.Worker", //
        ctbus::method<"Count", std::uint32_t(std::string), ctbus::args<"text">>,
        ctbus::method<"Quit", void(), ctbus::no_reply>,
        ctbus::signal<"Done", void(std::uint32_t)>> {};

class worker {
public:
    explicit worker(ctbus::connection& bus) : bus_{bus}, object_{bus, "/worker", *this} {}

    std::uint32_t count(std::string_view text) {
        return counted_ += static_cast<std::uint32_t>(text.size());
    }
    void quit() {
        object_.emit<"Done">(counted_);
        bus_.stop();
    }

private:
    struct vtable :
        ctbus::implements<Worker, ctbus::handler<"Count", &worker::count>,
            ctbus::handler<"Quit", &worker::quit>> {};

    ctbus::connection& bus_;
    std::uint32_t counted_ = 0;
    ctbus::object<vtable> object_;
};

void serve(int fd) {
    auto bus = ctbus::connection::from_fd(fd, ctbus::role::server);
    worker counter{bus};
    bus.run(); // until quit()
}

int main() {
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0) return 1;
    std::jthread thread{serve, fds[0]};

    auto bus = ctbus::connection::from_fd(fds[1], ctbus::role::client);
    ctbus::proxy<Worker> peer{bus, "/worker"}; // no bus, so no name
    auto done = peer.on<"Done">([&](std::uint32_t total) {
        std::cout << "done: " << total << " characters\n";
        bus.stop();
    });
    std::cout << "Count = " << peer.call<"Count">("a direct") << '\n';
    std::cout << "Count = " << peer.call<"Count">(" connection") << '\n';
    peer.call<"Quit">();
    bus.run();
}
