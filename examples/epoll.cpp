// A loop of one's own, of epoll here: poll_data() says what each connection waits for.
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <sys/epoll.h>
#include <time.h>
#include <vector>

struct Clock :
    ctbus::interface<"org.example.Clock", ctbus::method<"Remind", std::string(std::string)>> {};

class clock_service {
public:
    explicit clock_service(ctbus::connection& bus) : bus_{bus} {}

    ctbus::task<std::string> remind(std::string of) {
        co_await ctbus::after(bus_, std::chrono::milliseconds{50}); // others are served meanwhile
        co_return "do not forget: " + of;
    }

private:
    ctbus::connection& bus_;
};

struct clock_vtable : ctbus::implements<Clock, ctbus::handler<"Remind", &clock_service::remind>> {};

// epoll's timeout, in milliseconds, for a time in microseconds of CLOCK_MONOTONIC.
int milliseconds_until(std::uint64_t time) {
    if (time == UINT64_MAX) return -1;
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    const auto begin = static_cast<std::uint64_t>(now.tv_sec * 1'000'000 + now.tv_nsec / 1000);
    return time <= begin ? 0 : static_cast<int>((time - begin + 999) / 1000);
}

int main() {
    auto [service, client] = ctbus::connection::pair();
    clock_service clock{service};
    ctbus::object<clock_vtable> object{service, "/clock", clock};

    ctbus::proxy<Clock> remote{client, "/clock"};
    bool done = false;
    auto call = remote.async_call<"Remind">("the milk").then([&](ctbus::result<std::string> text) {
        std::cout << text.value() << '\n';
        done = true;
    });

    const ctbus::unix_fd epoll{epoll_create1(EPOLL_CLOEXEC)};
    std::vector<int> watched; // descriptors
    while (!done) {
        std::uint64_t first = UINT64_MAX;
        for (const ctbus::connection* bus : {&service, &client}) {
            const auto [fd, events, timeout] = bus->poll_data(); // ask each time
            const bool is_new = std::find(watched.begin(), watched.end(), fd) == watched.end();
            epoll_event wanted{};
            wanted.events = static_cast<std::uint32_t>(events); // poll's and epoll's are the same
            if (is_new) watched.push_back(fd);
            epoll_ctl(epoll.get(), is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &wanted);
            first = std::min(first, timeout);
        }
        epoll_event ready{};
        epoll_wait(epoll.get(), &ready, 1, milliseconds_until(first));
        for (ctbus::connection* bus : {&service, &client})
            while (bus->process()) {
            }
    }
}
