// expect: ctbus: two vtables of this object have the same interface name: an interface is on a path once
// names: table
#include <ctbus/object.hpp>

struct calculator {
    int add(int, int);
};
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &calculator::add>> {};
struct other : ctbus::vtable<"org.example.Adder", ctbus::handler<"Add", &calculator::add>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus, calculator& calc) {
    ctbus::object<table, other, table> object{bus, "/calc", calc};
}
#else
void use(const ctbus::connection& bus, calculator& calc) {
    ctbus::object<table, other> object{bus, "/calc", calc};
}
#endif
