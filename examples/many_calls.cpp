// 1000 calls at once, with a coroutine each, on one thread.
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

#include <chrono>
#include <iostream>
#include <thread>

using namespace std::chrono_literals;

struct thinker {
    ctbus::connection& bus;
    int thinking = 0, most = 0;

    // Serves other calls while it waits.
    ctbus::task<std::int64_t> square(std::int64_t n) {
        if (++thinking > most) most = thinking;
        co_await ctbus::after(bus, 20ms);
        --thinking;
        const std::int64_t squared = n * n;
        co_return squared;
    }
};

struct Thinker :
    ctbus::vtable<"org.example.Thinker", ctbus::handler<"Square", &thinker::square>> {};

ctbus::task<> ask(ctbus::proxy<Thinker> remote, std::int64_t n, std::int64_t& sum, int& left) {
    // A result: or_throw() gives its value, or throws its error.
    sum += ctbus::or_throw(co_await remote.async_call<"Square">(n));
    --left;
}

ctbus::task<std::int64_t> ask_all(ctbus::connection& bus) {
    const ctbus::proxy<Thinker> remote{bus, "/thinker"};
    std::int64_t sum = 0;
    int left = 1000;
    for (std::int64_t n = 1; n <= 1000; ++n) bus.spawn(ask(remote, n, sum, left));
    while (left != 0) co_await ctbus::after(bus, 1ms);
    co_return sum;
}

int main() {
    auto [service, client] = ctbus::connection::pair();
    thinker one{service};
    ctbus::object<Thinker> object{service, "/thinker", one};
    std::jthread server{[&bus = service] { static_cast<void>(bus.try_run()); }};

    std::cout << "the squares of 1 to 1000 are " << client.run(ask_all(client)) << " in all\n";
    service.post([&] {
        std::cout << one.most << " calls were served at the same time\n";
        service.stop();
    });
}
