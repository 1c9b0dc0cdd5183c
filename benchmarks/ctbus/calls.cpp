// ctbus: a client and a service, and signals.
#include "connected.hpp"

#include "../scenarios.hpp"

#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using bench::keep;
using bench::path;
using bench::transport;

// ---- the service ----

struct served {
    ctbus::connection& bus;
    std::int32_t level = 7, noted = 0;
    std::int32_t p1 = 1, p2 = 2, p3 = 3, p4 = 4, p5 = 5, p6 = 6, p7 = 7, p8 = 8, p9 = 9;

    std::int32_t twice(std::int32_t n) { return 2 * n; }
    void note(std::int32_t n) { noted = n; }
    void stop() { bus.stop(); }
};

// clang-format off
struct service_vtable : ctbus::vtable<"org.example.Interface", ctbus::unprivileged,
    ctbus::handler<"Twice", &served::twice>,
    ctbus::handler<"Note", &served::note, ctbus::no_reply>,
    ctbus::handler<"Stop", &served::stop>,
    ctbus::accessor<"Level", &served::level, ctbus::writable>,
    ctbus::accessor<"P1", &served::p1>, ctbus::accessor<"P2", &served::p2>,
    ctbus::accessor<"P3", &served::p3>, ctbus::accessor<"P4", &served::p4>,
    ctbus::accessor<"P5", &served::p5>, ctbus::accessor<"P6", &served::p6>,
    ctbus::accessor<"P7", &served::p7>, ctbus::accessor<"P8", &served::p8>,
    ctbus::accessor<"P9", &served::p9>,
    ctbus::signal<"Changed", void(std::int32_t, std::string)>> {};

struct introspectable : ctbus::interface<"org.freedesktop.DBus.Introspectable",
    ctbus::method<"Introspect", std::string()>> {};
// clang-format on

void serve(ctbus::connection& bus, bool has_names, const std::function<void()>& ready) {
    served instance{bus};
    const ctbus::object<service_vtable> object{bus, path, instance};
    if (has_names) bus.request_name("org.example.Service");
    ready();
    bus.run();
}

// ---- the client ----

class peers {
public:
    explicit peers(transport t)
        : ends_{bench::connect(t)}, proxy_{bench::proxy_of<service_vtable>(ends_.second, t)},
          self_{bench::proxy_of<introspectable>(ends_.second, t)}, service_{[this,
                                                                             t](const auto& ready) {
              serve(ends_.first, t != transport::direct, ready);
          }} {}
    ~peers() { proxy_.call<"Stop">(); }

    void round_trip() { bench::must(proxy_.call<"Twice">(21) == 42, "Twice"); }

    void in_flight(int calls) {
        handles_.resize(static_cast<std::size_t>(calls));
        left_ = calls;
        for (ctbus::async_handle& handle : handles_)
            handle = proxy_.async_call<"Twice">(21).then([this](ctbus::result<std::int32_t> twice) {
                bench::must(*twice == 42, "Twice");
                --left_;
            });
        while (left_ != 0)
            if (!ends_.second.process() && left_ != 0) ends_.second.wait();
    }

    void one_way(int calls) {
        for (std::int32_t i = 0; i < calls; ++i) proxy_.call<"Note">(i);
        round_trip();
    }

    void get() {
        const std::int32_t level = proxy_.get<"Level">();
        keep(level);
    }
    void get_all() {
        const auto all = proxy_.get_all<bench::dictionary>();
        bench::must(all.size() == 10, "GetAll");
    }
    void set() { proxy_.set<"Level">(9); }
    void introspect() { bench::must(self_.call<"Introspect">().size() > 500, "Introspect"); }

private:
    bench::ctbus_ends ends_;
    ctbus::proxy<service_vtable> proxy_;
    ctbus::proxy<introspectable> self_;
    bench::service_thread service_;
    std::vector<ctbus::async_handle> handles_;
    int left_ = 0;
};

// ---- signals ----

class signals {
public:
    signals(transport t, int subscribers) : ends_{bench::connect(t)}, subscribers_{subscribers} {
        for (int i = 0; i < subscribers; ++i)
            subscriptions_.push_back(ctbus::match_signal<service_vtable, "Changed">(
                ends_.second,
                [this](std::int32_t, const char* word) {
                    ++taken_;
                    keep(word);
                },
                {.path = path}));
    }

    void emit_and_receive() {
        ctbus::emit<service_vtable, "Changed">(ends_.first, path, 5, "some text");
        taken_ = 0;
        while (taken_ != subscribers_)
            if (!ends_.second.process() && taken_ != subscribers_) ends_.second.wait();
    }

private:
    bench::ctbus_ends ends_;
    std::vector<ctbus::subscription> subscriptions_;
    int subscribers_;
    int taken_ = 0;
};

constexpr auto all = {transport::direct, transport::daemon, transport::broker};
[[maybe_unused]] const bool added[] = {
    bench::add_calls<peers>("ctbus", all),
    bench::add_signals<signals>("ctbus", {transport::direct, transport::daemon}),
};

} // namespace
