// expect: ctbus: this option does not belong to this kind of declaration: give it to the one that it is about, or remove it
// names: "org.example.Calculator"
#include <ctbus/vtable.hpp>

int add(int, int);

#ifdef MISUSE
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &add>, ctbus::writable> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &add>, ctbus::unprivileged> {};
#endif
