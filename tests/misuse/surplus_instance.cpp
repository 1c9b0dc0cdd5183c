// expect: ctbus: this vtable serves no class: make the object without an instance, or name the class with serves<S>
// names: free_table
// names: calculator
#include <ctbus/object.hpp>

class calculator {
public:
    int add(int, int);
    int mode() const;
};
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &calculator::add>> {};
struct free_table :
    ctbus::vtable<"org.example.Half", ctbus::handler<"Half", [](double x) { return x / 2; }>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus, calculator& calc) {
    ctbus::object<free_table> object{bus, "/calc", calc};
}
#else
void use(const ctbus::connection& bus, calculator& calc) {
    ctbus::object<table> object{bus, "/calc", calc};
}
#endif
