// expect: ctbus: a null pointer is given where a function or member is wanted: name one, as &class::function
// names: "Count"
#include <ctbus/ctbus.hpp>

struct counter {
    int count() const { return 1; }
    void set_count(int) {}
};

#ifdef MISUSE
constexpr void (counter::*set)(int) = nullptr;
#else
constexpr void (counter::*set)(int) = &counter::set_count;
#endif

struct counter_vtable :
    ctbus::vtable<"org.example.Counter", ctbus::accessor<"Count", &counter::count, set>> {};
