// expect: ctbus: this option does not belong to this kind of declaration: give it to the one that it is about, or remove it
// names: "Changed"
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Changed", void(int), ctbus::returns<"value">>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Changed", void(int), ctbus::args<"value">>> {};
#endif
