// expect: ctbus: a member's name is a template argument, as in call<"Name">(arguments...)
#include <ctbus/signals.hpp>

struct contract : ctbus::interface<"org.example.Alarm", ctbus::signal<"Rang", void(int)>> {};

ctbus::subscription use(const ctbus::connection& bus) {
#ifdef MISUSE
    return ctbus::match_signal<contract>(bus, "Rang", [](int) {});
#else
    return ctbus::match_signal<contract, "Rang">(bus, [](int) {});
#endif
}
