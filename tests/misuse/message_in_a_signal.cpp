// expect: ctbus: errors, results, messages, tasks, operations and deferred replies are no D-Bus values: a handler fails by returning result<T>, and the others stand only where the README has them
// names: Heard
#include <ctbus/proxy.hpp>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Machine", ctbus::signal<"Heard", void(int, ctbus::message)>> {};
#else
struct contract : ctbus::interface<"org.example.Machine", ctbus::signal<"Heard", void(int)>> {};
#endif
static_assert(sizeof(contract) == 1);
