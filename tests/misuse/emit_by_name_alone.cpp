// expect: ctbus: a member's name is a template argument, as in call<"Name">(arguments...)
#include <ctbus/signals.hpp>

struct contract : ctbus::interface<"org.example.Alarm", ctbus::signal<"Rang", void(int)>> {};

void use(const ctbus::connection& bus) {
#ifdef MISUSE
    ctbus::emit<contract>(bus, "/alarm", "Rang", 3);
#else
    ctbus::emit<contract, "Rang">(bus, "/alarm", 3);
#endif
}
