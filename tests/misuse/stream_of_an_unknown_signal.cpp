// expect: ctbus: the interface has no signal of this name
// names: "Gone"
#include <ctbus/async.hpp>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, double)>,
        ctbus::signal<"Overflowed", void(int)>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    auto stream = ctbus::proxy<contract>{bus, "/calc"}.stream<"Gone">();
}
#else
void use(const ctbus::connection& bus) {
    auto stream = ctbus::proxy<contract>{bus, "/calc"}.stream<"Overflowed">();
}
#endif
