// expect: ctbus: this connection is closed at once, and what is made on it is gone: give the connection a name, so that it lives as long
// names: subscription
#include <ctbus/raw_match.hpp>

void use() {
#ifdef MISUSE
    const auto heard = ctbus::match_messages(
        ctbus::connection::session(), "type='signal'", [](const ctbus::message&) {});
#else
    const auto bus = ctbus::connection::session();
    const auto heard = ctbus::match_messages(bus, "type='signal'", [](const ctbus::message&) {});
#endif
}
