// expect: ctbus: two signals of one interface have the same name: rename one
// names: "Changed"
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::signal<"Changed", void()>,
        ctbus::signal<"Changed", void(int)>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::signal<"Changed", void()>,
        ctbus::signal<"ChangedTo", void(int)>> {};
#endif
