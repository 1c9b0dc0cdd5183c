// expect: ctbus: nobody looks at the result, error, answer or operation that this callback returns: deal with it inside, and return nothing
#include <ctbus/raw_match.hpp>

void use(const ctbus::connection& bus) {
#ifdef MISUSE
    const auto heard =
        ctbus::match_messages(bus, "type='signal'", [](const ctbus::message&) { return 1; });
#else
    const auto heard = ctbus::match_messages(bus, "type='signal'", [](const ctbus::message&) {});
#endif
}
