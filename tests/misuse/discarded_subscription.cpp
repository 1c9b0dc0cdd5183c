// expect-warning: the signal is heard only as long as the subscription lives
// names: subscription
#include <ctbus/signals.hpp>

#include <string>
#include <string_view>

struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Overflowed", void(std::string, double)>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    ctbus::match_signal<contract, "Overflowed">(bus, [](std::string_view, double) {});
}
#else
void use(const ctbus::connection& bus) {
    auto heard = ctbus::match_signal<contract, "Overflowed">(bus, [](std::string_view, double) {});
}
#endif
