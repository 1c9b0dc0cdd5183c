// expect: ctbus: a const instance cannot serve a vtable with handlers or accessors that change it
// names: const calculator
// names: table
#include <ctbus/object.hpp>

struct calculator {
    int mode;
};
struct writable_table :
    ctbus::vtable<"org.example.A", ctbus::accessor<"Mode", &calculator::mode, ctbus::writable>> {};
struct readable_table :
    ctbus::vtable<"org.example.B", ctbus::accessor<"Mode", &calculator::mode>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus, const calculator& calc) {
    ctbus::object<writable_table> object{bus, "/calc", calc};
}
#else
void use(const ctbus::connection& bus, const calculator& calc) {
    ctbus::object<readable_table> object{bus, "/calc", calc};
}
#endif
