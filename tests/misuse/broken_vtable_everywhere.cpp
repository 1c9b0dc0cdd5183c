// expect: ctbus: an input stands after an output: put inputs (T, const T&) first and outputs (T&) last
// names: "Half"
#include <ctbus/ctbus.hpp>

struct calculator {
    void bad_half(double&, double);
    double half(double);
    void reset();
    int mode;
};

#ifdef MISUSE
inline constexpr auto half = &calculator::bad_half;
#else
inline constexpr auto half = &calculator::half;
#endif

struct calculator_vtable :
    ctbus::vtable<"org.example.Calculator", ctbus::handler<"Half", half>,
        ctbus::handler<"Reset", &calculator::reset>,
        ctbus::accessor<"Mode", &calculator::mode, ctbus::emits_change>,
        ctbus::signal<"Changed", void(int)>> {};

void serve(const ctbus::connection& bus, calculator& calc) {
    ctbus::object<calculator_vtable> object{bus, "/calc", calc};
    object.emit<"Changed">(1);
    object.changed<"Mode">();
    ctbus::emit<calculator_vtable, "Changed">(bus, "/calc", 1);
}

double use(const ctbus::connection& bus, const ctbus::proxy<calculator_vtable>& calc) {
    auto heard = calc.on<"Changed">([](int) {});
    auto matched = ctbus::match_signal<calculator_vtable, "Changed">(bus, [](int) {});
    calc.call<"Reset">();
    int mode = calc.get<"Mode">();
    double half = calc.call<"Half">(1.0);
    return half + mode;
}
