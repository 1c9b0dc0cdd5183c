// expect: ctbus: this connection is closed at once, and what is made on it is gone: give the connection a name, so that it lives as long
// names: table
#include <ctbus/object.hpp>

struct calculator {
    int add(int, int);
};
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &calculator::add>> {};

#ifdef MISUSE
bool use(calculator& calc) {
    const auto object = ctbus::object<table>::try_make(ctbus::connection::session(), "/calc", calc);
    return object.has_value();
}
#else
bool use(calculator& calc) {
    const auto bus = ctbus::connection::session();
    const auto object = ctbus::object<table>::try_make(bus, "/calc", calc);
    return object.has_value();
}
#endif
