// expect: ctbus: D-Bus has one floating type: use double
// names: "Half"
// names: float
#include <ctbus/ctbus.hpp>

#ifdef MISUSE
using number = float;
#else
using number = double;
#endif

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Half", number(number)>,
        ctbus::method<"Reset", void()>, ctbus::property<"Mode", int, ctbus::emits_change>,
        ctbus::signal<"Changed", void(int)>> {};
struct calculator {
    double half(double);
    void reset();
    int mode;
};
struct calculator_vtable :
    ctbus::implements<contract, ctbus::handler<"Half", &calculator::half>,
        ctbus::handler<"Reset", &calculator::reset>, ctbus::accessor<"Mode", &calculator::mode>> {};

void serve(const ctbus::connection& bus, calculator& calc) {
    ctbus::object<calculator_vtable> object{bus, "/calc", calc};
    object.emit<"Changed">(1);
    object.changed<"Mode">();
    ctbus::emit<contract, "Changed">(bus, "/calc", 1);
}

double use(const ctbus::connection& bus, const ctbus::proxy<contract>& calc) {
    auto heard = calc.on<"Changed">([](int) {});
    auto matched = ctbus::match_signal<contract, "Changed">(bus, [](int) {});
    calc.call<"Reset">();
    int mode = calc.get<"Mode">();
    double half = calc.call<"Half">(1.0);
    return half + mode;
}
