// expect: ctbus: this class has no D-Bus form, and it is not the class that the vtable serves: name that with serves<S>, or specialise ctbus::wire for this one
// names: "Read"
// names: gauge
#include <ctbus/vtable.hpp>

class calculator {
public:
    calculator(int);
};
class gauge {
public:
    gauge(int);
};
int bad(gauge&);
int good(calculator&);

#ifdef MISUSE
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::serves<calculator>,
        ctbus::handler<"Read", &bad>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::serves<calculator>,
        ctbus::handler<"Read", &good>> {};
#endif
