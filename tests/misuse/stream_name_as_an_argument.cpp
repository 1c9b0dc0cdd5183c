// expect: ctbus: a member's name is a template argument, as in call<"Name">(arguments...)
#include <ctbus/async.hpp>

struct contract : ctbus::interface<"org.example.Alarm", ctbus::signal<"Rang", void(int)>> {};

void use(const ctbus::proxy<contract>& alarm) {
#ifdef MISUSE
    const auto rings = alarm.stream("Rang");
#else
    const auto rings = alarm.stream<"Rang">();
#endif
}
