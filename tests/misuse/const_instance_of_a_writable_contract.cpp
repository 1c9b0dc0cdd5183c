// expect: ctbus: a const instance cannot serve a vtable with handlers or accessors that change it
// names: const calculator
// names: table
#include <ctbus/object.hpp>

struct calculator {
    int mode;
};
struct contract :
    ctbus::interface<"org.example.A", ctbus::property<"Mode", int, ctbus::writable>> {};
struct table : ctbus::implements<contract, ctbus::accessor<"Mode", &calculator::mode>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus, const calculator& calc, calculator& other) {
    ctbus::object<table> object{bus, "/calc", calc};
    (void)other;
}
#else
void use(const ctbus::connection& bus, const calculator& calc, calculator& other) {
    ctbus::object<table> object{bus, "/calc", other};
    (void)calc;
}
#endif
