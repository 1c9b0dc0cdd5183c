// expect: ctbus: errors, results, messages, tasks, operations and deferred replies are no D-Bus values: a handler fails by returning result<T>, and the others stand only where the README has them
// names: Add
#include <ctbus/vtable.hpp>

struct calculator {
#ifdef MISUSE
    ctbus::error add(int);
#else
    ctbus::result<void> add(int);
#endif
};
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &calculator::add>> {};
