// expect: ctbus: args<...> names another number of arguments than the function has: give one name for each input
// names: "Changed"
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Changed", void(int), ctbus::args<"old", "new">>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Changed", void(int), ctbus::args<"new">>> {};
#endif
