// Services that end while they are busy: what was handled is answered, and callers hear the rest.
#include "raw_peer.hpp"
#include "support/raw_bus.hpp"

#include <ctbus/ctbus.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <cstddef>
#include <functional>
#include <memory>
#include <ostream> // doctest prints string_views
#include <string>
#include <thread>

namespace {

constexpr const char* interface = "org.ctbus.Worker";

struct worker {
    std::function<void()> action;
    void work() { action(); }
};
// clang-format off
struct worker_table : ctbus::vtable<"org.ctbus.Worker",
    ctbus::handler<"Work", &worker::work>> {};
// clang-format on

} // namespace

// dbus-daemon that writes the next call to a connection which is gone drops the answers that it has
// not yet read from it: closing has to wait until it has read all.
TEST_CASE("S12 each call that was handled is answered, also when more are coming at the end") {
    for (int round = 0; round < 20; ++round) {
        CAPTURE(round);
        test::raw_client client;
        auto bus = std::make_unique<ctbus::connection>(ctbus::connection::session());
        worker served;
        const ctbus::object<worker_table> object{*bus, "/worker", served};
        std::size_t handled = 0;
        served.action = [&] {
            if (++handled == 300) bus->stop();
        };
        const std::string name = bus->unique_name().str();
        std::thread service{[&] {
            bus->run();
            bus.reset();
        }};
        constexpr std::size_t count = 2000;
        for (std::size_t i = 0; i < count; ++i)
            client.send(client.make_call(name, "/worker", interface, "Work"));
        while (client.got.size() < count)
            if (!client.process()) test::wait_for_any({client.get()});
        service.join();
        std::size_t answered = 0;
        for (const test::arrived& a : client.got) answered += a.type() == "reply" ? 1 : 0;
        CHECK(answered == handled);
        CHECK(handled == 300);
    }
}

TEST_CASE("run_until() ends on its signal though there is always another call") {
    test::raw_peer peer;
    worker served;
    const ctbus::object<worker_table> object{peer.ours, "/test", served};
    int ran = 0;
    const auto call = [&] {
        peer.send(peer.make_call("/test", interface, "Work"));
        REQUIRE(sd_bus_flush(peer.client()) >= 0);
    };
    served.action = [&] {
        if (++ran == 10) ::raise(SIGUSR1);
        if (ran < 20'000) call(); // as another process would, at any time
    };
    call();
    CHECK(peer.ours.run_until({SIGUSR1}) == SIGUSR1);
    CHECK(ran < 200);
}

TEST_CASE("S19 a service that dies while it is called is not a timeout") {
    const auto client = ctbus::connection::session();
    auto bus = std::make_unique<ctbus::connection>(ctbus::connection::session());
    worker served;
    const ctbus::object<worker_table> object{*bus, "/worker", served};
    served.action = [&] { bus.reset(); };
    const ctbus::bus_name name = bus->unique_name();
    const auto before = ctbus::set_report_handler([](const ctbus::error&) {});
    std::thread service{[&] { static_cast<void>(bus->try_run()); }};
    const auto answer = ctbus::proxy<worker_table>{client, name, "/worker"}
                            .with_timeout(ctbus::infinite)
                            .try_call<"Work">();
    service.join();
    ctbus::set_report_handler(before);
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().is<"org.freedesktop.DBus.Error.NoReply">());
}
