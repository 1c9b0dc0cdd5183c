// A loop of one's own, of epoll here: poll_data() says what each connection waits for.
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <sys/epoll.h>
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
        ctbus::poll_data first{-1, 0, UINT64_MAX};
        for (const ctbus::connection* bus : {&service, &client}) {
            const ctbus::poll_data wanted = bus->poll_data(); // ask each time
            const bool is_new =
                std::find(watched.begin(), watched.end(), wanted.fd) == watched.end();
            epoll_event event{};
            event.events = static_cast<std::uint32_t>(wanted.events); // the same bits as poll's
            if (is_new) watched.push_back(wanted.fd);
            epoll_ctl(epoll.get(), is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, wanted.fd, &event);
            if (wanted.timeout < first.timeout) first = wanted;
        }
        epoll_event ready{};
        epoll_wait(epoll.get(), &ready, 1, first.milliseconds());
        for (ctbus::connection* bus : {&service, &client})
            while (bus->process()) {
            }
    }
}
