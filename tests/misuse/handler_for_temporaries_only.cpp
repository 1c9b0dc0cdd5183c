// expect: ctbus: this is not a function that can be a D-Bus method: give a member function, a free function or a captureless lambda whose parameters are not generic
// names: "Take"
#include <ctbus/vtable.hpp>

struct calculator {
    int take() &&;
    int give() &;
};

#ifdef MISUSE
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::handler<"Take", &calculator::take>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::handler<"Take", &calculator::give>> {};
#endif
