// expect: ctbus: args<...> names another number of arguments than the function has: give one name for each input
// names: "Add"
#include <ctbus/vtable.hpp>

int add(int, int);

#ifdef MISUSE
struct table :
    ctbus::vtable<"org.example.Calculator",
        ctbus::handler<"Add", &add, ctbus::args<"a", "b", "c">>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &add, ctbus::args<"a", "b">>> {};
#endif
