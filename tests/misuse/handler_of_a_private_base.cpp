// expect: ctbus: a handler or accessor belongs to a class that is not a public base of the class which the vtable serves
// names: "org.example.Calculator"
#include <ctbus/vtable.hpp>

struct adder {
    int add(int, int);
};
#ifdef MISUSE
struct calculator : private adder {
    void reset();
};
#else
struct calculator : adder {
    void reset();
};
#endif

struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &adder::add>,
        ctbus::handler<"Reset", &calculator::reset>> {};
