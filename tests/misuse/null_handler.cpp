// expect: ctbus: a null pointer is given where a function or member is wanted: name one, as &class::function
// names: "Count"
#include <ctbus/ctbus.hpp>

struct counter {
    int count() { return 1; }
};

#ifdef MISUSE
constexpr int (counter::*count)() = nullptr;
#else
constexpr int (counter::*count)() = &counter::count;
#endif

struct counter_vtable : ctbus::vtable<"org.example.Counter", ctbus::handler<"Count", count>> {};

void serve(ctbus::connection& bus, counter& c) {
    const ctbus::object<counter_vtable> object{bus, "/x", c};
}
