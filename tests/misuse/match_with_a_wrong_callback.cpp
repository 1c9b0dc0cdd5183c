// expect: ctbus: the callback of a raw_object, or of match_messages(), is called as callback(message): it takes one const ctbus::message&
// names: lambda
#include <ctbus/raw_match.hpp>

void use(const ctbus::connection& bus) {
#ifdef MISUSE
    const auto heard = ctbus::match_messages(bus, "type='signal'", [](int) {});
#else
    const auto heard = ctbus::match_messages(bus, "type='signal'", [](const ctbus::message&) {});
#endif
}
