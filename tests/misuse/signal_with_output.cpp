// expect: ctbus: a signal is declared as signal<"Name", void(Arguments...)>, its arguments being values
// names: "Changed"
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::signal<"Changed", void(int&)>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::signal<"Changed", void(const int&)>> {};
#endif
