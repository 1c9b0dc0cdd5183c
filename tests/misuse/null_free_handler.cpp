// expect: ctbus: a null pointer is given where a function or member is wanted: name one, as &class::function
// names: "Count"
#include <ctbus/ctbus.hpp>

int one() {
    return 1;
}

struct contract : ctbus::interface<"org.example.Counter", ctbus::method<"Count", int()>> {};

#ifdef MISUSE
struct counter_vtable :
    ctbus::implements<contract, ctbus::handler<"Count", static_cast<int (*)()>(nullptr)>> {};
#else
struct counter_vtable : ctbus::implements<contract, ctbus::handler<"Count", &one>> {};
#endif
