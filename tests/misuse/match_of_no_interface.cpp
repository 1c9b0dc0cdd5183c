// expect: ctbus: an interface is a struct derived from ctbus::interface<...>, ctbus::vtable<...> or ctbus::implements<...>, publicly and from one only
// names: calculator
#include <ctbus/signals.hpp>

class calculator {};
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::signal<"Overflowed", void(double)>> {};

#ifdef MISUSE
using heard = calculator;
#else
using heard = contract;
#endif

void use(const ctbus::connection& bus) {
    const auto kept = ctbus::match_signal<heard, "Overflowed">(bus, [](double) {});
}
