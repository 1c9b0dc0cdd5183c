// expect: ctbus: a writable property needs a setter beside its getter, or a data member that is not const
// names: "Mode"
#include <ctbus/vtable.hpp>

struct calculator {
    const int fixed;
    int mode;
};

#ifdef MISUSE
struct table :
    ctbus::vtable<"org.example.Calculator",
        ctbus::accessor<"Mode", &calculator::fixed, ctbus::writable>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator",
        ctbus::accessor<"Mode", &calculator::mode, ctbus::writable>> {};
#endif
