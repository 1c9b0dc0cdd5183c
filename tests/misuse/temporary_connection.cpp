// expect: ctbus: this connection is closed at once, and what is made on it is gone: give the connection a name, so that it lives as long
// names: table
#include <ctbus/object.hpp>

struct calculator {
    int add(int, int);
};
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &calculator::add>> {};

#ifdef MISUSE
void use(calculator& calc) {
    ctbus::object<table> object{ctbus::connection::session(), "/calc", calc};
}
#else
void use(calculator& calc) {
    const auto bus = ctbus::connection::session();
    ctbus::object<table> object{bus, "/calc", calc};
}
#endif
