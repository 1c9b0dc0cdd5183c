// expect: ctbus: exceptions are off, so x() does not exist here: use try_x(), and try_make() instead of a constructor
// names: without_exceptions
// flags: -fno-exceptions
#include <ctbus/object.hpp>

class calculator {
public:
    int add(int, int);
    int mode() const;
};
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &calculator::add>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus, calculator& calc) {
    ctbus::object<table> object{bus, "/calc", calc};
}
#else
void use(const ctbus::connection& bus, calculator& calc) {
    auto object = ctbus::object<table>::try_make(bus, "/calc", calc);
}
#endif
