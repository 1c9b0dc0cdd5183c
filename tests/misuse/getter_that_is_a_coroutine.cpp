// expect: ctbus: errors, results, messages, tasks, operations and deferred replies are no D-Bus values: a handler fails by returning result<T>, and the others stand only where the README has them
// names: Mode
#include <ctbus/async.hpp>
#include <ctbus/vtable.hpp>

struct machine {
#ifdef MISUSE
    ctbus::task<int> mode();
#else
    int mode();
#endif
};
struct table : ctbus::vtable<"org.example.Machine", ctbus::accessor<"Mode", &machine::mode>> {};
