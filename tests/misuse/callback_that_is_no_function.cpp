// expect: ctbus: a callback is something that can be called with the signal's arguments, and has one operator(): in place of std::bind_front or a generic lambda, write a lambda with their types
// names: "Overflowed"
// names: int
#include <ctbus/signals.hpp>

#include <string>
#include <string_view>

struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Overflowed", void(std::string, double)>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    auto heard = ctbus::match_signal<contract, "Overflowed">(bus, 5);
}
#else
void use(const ctbus::connection& bus) {
    auto heard = ctbus::match_signal<contract, "Overflowed">(bus, [](std::string_view, double) {});
}
#endif
