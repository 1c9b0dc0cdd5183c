// expect: ctbus: D-Bus has no empty struct: give it a field, or leave it out
// names: "Get"
// names: outer
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

struct outer {
    int first;
    type second;
};
struct contract : ctbus::interface<"org.example.Calculator", ctbus::property<"Get", outer>> {};
