// expect: ctbus: the interface has no signal of this name
// names: "Underflowed"
// names: contract
#include <ctbus/signals.hpp>

#include <string>
#include <string_view>

struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Overflowed", void(std::string, double)>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    auto heard = ctbus::match_signal<contract, "Underflowed">(bus, [](std::string_view, double) {});
}
#else
void use(const ctbus::connection& bus) {
    auto heard = ctbus::match_signal<contract, "Overflowed">(bus, [](std::string_view, double) {});
}
#endif
