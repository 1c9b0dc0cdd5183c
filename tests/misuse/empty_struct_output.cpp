// expect: ctbus: D-Bus has no empty struct: give it a field, or leave it out
// names: "Sum"
// names: parameter<2>
#include <ctbus/vtable.hpp>

struct empty {};
struct sample {
    int value;
};

#ifdef MISUSE
using type = empty;
#else
using type = sample;
#endif

int sum(int, type&);
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Sum", &sum>> {};
