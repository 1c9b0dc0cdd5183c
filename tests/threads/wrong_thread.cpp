// A connection that is used in one thread while it runs in another: debug builds say so and end.
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

#include "must.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <ostream> // doctest prints string_views
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

using test::must;
using namespace std::chrono_literals;

namespace {

struct service {
    std::optional<ctbus::deferred<std::int32_t>> waiting;
    std::int32_t level = 0;
    std::int32_t twice(std::int32_t n) { return 2 * n; }
    void wait(ctbus::deferred<std::int32_t> reply) { waiting = std::move(reply); }
};
// clang-format off
struct service_vtable : ctbus::vtable<"org.ctbus.Threads",
    ctbus::handler<"Twice", &service::twice>,
    ctbus::handler<"Wait", &service::wait>,
    ctbus::accessor<"Level", &service::level, ctbus::emits_change>,
    ctbus::signal<"Tick", void()>> {};
// clang-format on

/// What the wrong thread has at hand.
struct running {
    ctbus::connection& bus;
    service& served;
    ctbus::object<service_vtable>& object;
    ctbus::proxy<service_vtable> proxy;
};

struct ending {
    int signal; // 0: none
    std::string text;
};

/// Runs a connection in a thread of another process, and lets another of its threads act.
ending end_of(const std::function<void(running&)>& act) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    std::fflush(stdout); // or it is written twice
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::signal(SIGABRT, SIG_DFL); // not doctest's
        ::dup2(ends[1], STDERR_FILENO);
        auto [bus, peer] = must(ctbus::connection::try_pair());
        service served;
        test::exported<service_vtable> object{bus, "/test", served};
        auto call = ctbus::proxy<service_vtable>{peer, "/test"}.async_call<"Wait">().then(
            [](const auto&) {});
        while (!served.waiting)
            if (!must(bus.try_process())) must(peer.try_process());
        running all{bus, served, *object, {bus, "/test"}};
        bool runs = false;
        std::thread loop{[&, &own = bus] {
            own.post([&] { __atomic_store_n(&runs, true, __ATOMIC_RELEASE); });
            static_cast<void>(own.try_run());
        }};
        while (!__atomic_load_n(&runs, __ATOMIC_ACQUIRE)) std::this_thread::sleep_for(1ms);
        std::this_thread::sleep_for(20ms); // it sleeps now
        act(all);
        ::_exit(0);
    }
    ::close(ends[1]);
    ending found{};
    char buffer[4096];
    for (ssize_t n; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;)
        found.text.append(buffer, static_cast<std::size_t>(n));
    ::close(ends[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    found.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (!WIFSIGNALED(status)) CHECK(WEXITSTATUS(status) == 0);
    return found;
}

} // namespace

TEST_CASE("using a connection from another thread than runs it ends a debug build") {
    const std::pair<std::string, std::function<void(running&)>> all[] = {
        {"call",
         [](running& r) { static_cast<void>(r.proxy.with_timeout(1ms).try_call<"Twice">(1)); }},
        {"emit", [](running& r) { static_cast<void>(r.object.try_emit<"Tick">()); }},
        {"free emit",
         [](running& r) {
             static_cast<void>(ctbus::try_emit<service_vtable, "Tick">(r.bus, "/other"));
         }},
        {"changed", [](running& r) { static_cast<void>(r.object.try_changed<"Level">()); }},
        {"object",
         [](running& r) {
             const test::exported<service_vtable> other{r.bus, "/other", r.served};
         }},
        {"subscription",
         [](running& r) { static_cast<void>(r.proxy.try_on<"Tick">([] {}).has_value()); }},
        {"async", [](running& r) { r.proxy.async_call<"Twice">(1).then([](auto) {}).detach(); }},
        {"deferred", [](running& r) { static_cast<void>(r.served.waiting->try_reply(1)); }},
        {"deferred dropped", [](running& r) { r.served.waiting.reset(); }},
        {"run",
         [](running& r) {
#ifdef NDEBUG
             static_cast<void>(r); // it would run there
#else
             static_cast<void>(r.bus.try_run());
#endif
         }},
    };
    for (const auto& [what, act] : all) {
        CAPTURE(what);
        const ending found = end_of(act);
#ifdef NDEBUG
        CHECK(found.signal == 0);
        CHECK(found.text.find("used in one thread") == found.text.npos);
#else
        CHECK(found.signal == SIGABRT);
        CHECK(found.text.find("ctbus: a connection is used in one thread while it runs in another: "
                              "bus.post(function) runs a function where the connection runs") !=
              found.text.npos);
#endif
    }
}

TEST_CASE("post() and stop() may come from any thread") {
    const ending found = end_of([](running& r) {
        r.bus.post([] {});
        const auto poster = r.bus.poster();
        poster.post([] {});
        r.bus.stop();
    });
    CHECK(found.signal == 0);
    CHECK(found.text.empty());
}
