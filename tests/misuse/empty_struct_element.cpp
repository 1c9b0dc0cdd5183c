// expect: ctbus: D-Bus has no empty struct: give it a field, or leave it out
// names: "Changed"
// names: vector
#include <ctbus/interface.hpp>

#include <vector>

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
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Changed", void(int, std::vector<type>)>> {};
