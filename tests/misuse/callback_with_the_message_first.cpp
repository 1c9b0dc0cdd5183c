// expect: ctbus: the message stands before an input: put it after the inputs, or at the very end
// names: "Overflowed"
#include <ctbus/signals.hpp>

#include <string>
#include <string_view>

struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Overflowed", void(std::string, double)>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    auto heard = ctbus::match_signal<contract, "Overflowed">(
        bus, [](const ctbus::message&, std::string_view, double) {});
}
#else
void use(const ctbus::connection& bus) {
    auto heard = ctbus::match_signal<contract, "Overflowed">(
        bus, [](std::string_view, double, const ctbus::message&) {});
}
#endif
