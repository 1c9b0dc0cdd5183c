// expect: ctbus: a handler or accessor belongs to a class that is not a public base of the class which the vtable serves
// names: "org.example.Calculator"
#include <ctbus/vtable.hpp>

struct calculator {
    void reset();
};
struct gauge {
    int read();
};

#ifdef MISUSE
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::serves<calculator>,
        ctbus::handler<"Read", &gauge::read>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::serves<calculator>,
        ctbus::handler<"Reset", &calculator::reset>> {};
#endif
