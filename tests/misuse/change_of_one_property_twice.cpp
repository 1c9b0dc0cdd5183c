// expect: ctbus: changed<...> names a property twice: name each once
// names: "Mode"
#include <ctbus/object.hpp>

struct calculator {
    int mode = 0;
    int precision = 0;
};

struct calculator_vtable :
    ctbus::vtable<"org.example.Calculator",
        ctbus::accessor<"Mode", &calculator::mode, ctbus::emits_change>,
        ctbus::accessor<"Precision", &calculator::precision, ctbus::emits_change>> {};

void use(ctbus::object<calculator_vtable>& object) {
#ifdef MISUSE
    object.changed<"Mode", "Precision", "Mode">();
#else
    object.changed<"Mode", "Precision">();
#endif
}
