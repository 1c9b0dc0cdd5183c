// expect: ctbus: a handler or accessor belongs to a class that is not a public base of the class which the vtable serves
// names: "org.example.Calculator"
#include <ctbus/vtable.hpp>

struct calculator {
    int precision;
};
struct gauge {
    int level;
};

#ifdef MISUSE
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::serves<calculator>,
        ctbus::accessor<"Level", &gauge::level>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::serves<calculator>,
        ctbus::accessor<"Precision", &calculator::precision>> {};
#endif
