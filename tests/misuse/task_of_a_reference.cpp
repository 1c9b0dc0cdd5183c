// expect: ctbus: a task gives a value, as what it refers to could be gone by then: name T, not T&, in ctbus::task<T>
// names: task<int
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

#ifdef MISUSE
using counted = ctbus::task<int&>;
#else
using counted = ctbus::task<int>;
#endif

struct counter {
    int calls = 0;
    counted count() { co_return ++calls; }
    ctbus::task<int> twice() {
        co_await count();
        co_return co_await count();
    }
};

struct counter_vtable :
    ctbus::vtable<"org.example.Counter", ctbus::handler<"Count", &counter::count>,
        ctbus::handler<"Twice", &counter::twice>> {};

void serve(ctbus::connection& bus, counter& c) {
    const ctbus::object<counter_vtable> object{bus, "/x", c};
}
