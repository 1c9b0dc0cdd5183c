// A client of types_service that makes each kind of call once, for the test of traces.
#include <ctbus/ctbus.hpp>

#include <cstdint>
#include <cstdio>
#include <string>

namespace {

// clang-format off
struct Calls : ctbus::interface<"org.ctbus.Calls",
    ctbus::method<"Greet", std::string(std::string)>,
    ctbus::method<"Tell", void(std::string), ctbus::no_reply>,
    ctbus::method<"Fail", void(std::string)>,
    ctbus::method<"Secret", std::string(std::string), ctbus::sensitive>> {};
struct Properties : ctbus::interface<"org.ctbus.Properties",
    ctbus::property<"Changing", std::uint32_t, ctbus::writable>,
    ctbus::property<"Sensitive", std::string, ctbus::writable, ctbus::sensitive>> {};
struct Emits : ctbus::interface<"org.ctbus.Emits", ctbus::method<"Emit", void()>> {};
struct Signals : ctbus::interface<"org.ctbus.Signals",
    ctbus::signal<"Happened", void(std::string, double)>> {};
// clang-format on

void call_everything() {
    auto bus = ctbus::connection::session();
    const ctbus::proxy<Calls> calls{bus, "org.ctbus.Types", "/org/ctbus/calls"};
    const ctbus::proxy<Properties> properties{bus, "org.ctbus.Types", "/org/ctbus/properties"};
    const ctbus::proxy<Emits> emits{bus, "org.ctbus.Types", "/org/ctbus/signals"};
    bool heard = false;
    const auto subscription = ctbus::match_signal<Signals, "Happened">(
        bus, [&](const std::string&, double) { heard = true; });

    calls.call<"Greet">("you there");
    calls.call<"Tell">("listen");
    static_cast<void>(calls.try_call<"Fail">("error"));
    calls.call<"Secret">("swordfish");
    properties.set<"Changing">(77);
    properties.get<"Changing">();
    properties.set<"Sensitive">("swordfish");
    properties.get<"Sensitive">();
    emits.call<"Emit">();
    while (!heard)
        if (!bus.process()) bus.wait();
}

} // namespace

int main() {
    try {
        call_everything();
    } catch (const ctbus::error& e) {
        std::fprintf(stderr, "traced_client: %s\n", e.what());
        return 1;
    }
}
