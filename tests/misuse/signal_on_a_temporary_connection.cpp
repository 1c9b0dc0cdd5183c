// expect: ctbus: this connection is closed at once, and what is made on it is gone: give the connection a name, so that it lives as long
// names: contract
#include <ctbus/signals.hpp>

struct contract : ctbus::interface<"org.example.Alarm", ctbus::signal<"Rang", void(int)>> {};

#ifdef MISUSE
void use() {
    const auto rang =
        ctbus::match_signal<contract, "Rang">(ctbus::connection::session(), [](int) {});
}
#else
void use() {
    const auto bus = ctbus::connection::session();
    const auto rang = ctbus::match_signal<contract, "Rang">(bus, [](int) {});
}
#endif
