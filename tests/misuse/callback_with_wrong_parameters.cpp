// expect: ctbus: the callback's parameters have another D-Bus signature than the signal: take its arguments, and perhaps the message last
// names: "Overflowed"
#include <ctbus/signals.hpp>

#include <string>
#include <string_view>

struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Overflowed", void(std::string, double)>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    auto heard = ctbus::match_signal<contract, "Overflowed">(bus, [](std::string_view, int) {});
}
#else
void use(const ctbus::connection& bus) {
    auto heard = ctbus::match_signal<contract, "Overflowed">(bus, [](std::string_view, double) {});
}
#endif
