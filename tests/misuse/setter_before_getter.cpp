// expect: ctbus: a getter takes nothing (or the served instance) and returns the property's value
// names: "Mode"
#include <ctbus/vtable.hpp>

struct calculator {
    int mode() const;
    void set_mode(int);
};

#ifdef MISUSE
struct table :
    ctbus::vtable<"org.example.Calculator",
        ctbus::accessor<"Mode", &calculator::set_mode, &calculator::mode>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator",
        ctbus::accessor<"Mode", &calculator::mode, &calculator::set_mode>> {};
#endif
