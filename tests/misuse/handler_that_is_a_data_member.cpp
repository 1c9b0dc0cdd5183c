// expect: ctbus: this is not a function that can be a D-Bus method: give a member function, a free function or a captureless lambda whose parameters are not generic
// names: "Mode"
#include <ctbus/vtable.hpp>

struct calculator {
    int mode;
    int get_mode() const;
};

#ifdef MISUSE
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::handler<"Mode", &calculator::mode>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::handler<"Mode", &calculator::get_mode>> {};
#endif
