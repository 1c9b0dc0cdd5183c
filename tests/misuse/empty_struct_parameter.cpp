// expect: ctbus: D-Bus has no empty struct: give it a field, or leave it out
// names: "Add"
// names: parameter<2>
// names: nesting<
#include <ctbus/interface.hpp>

struct empty {};
struct sample {
    int value;
};

#ifdef MISUSE
using type = empty;
#else
using type = sample;
#endif

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", void(int, type)>> {};
