// expect: ctbus: the instance is not of the class that the vtable serves, nor of one derived from it, publicly and from one only
// names: gauge
// names: table
#include <ctbus/object.hpp>

class gauge {};
class calculator {
public:
    int add(int, int);
    int mode() const;
};
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &calculator::add>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus, gauge& gauge, calculator& calc) {
    ctbus::object<table> object{bus, "/calc", gauge};
    (void)calc;
}
#else
void use(const ctbus::connection& bus, gauge& gauge, calculator& calc) {
    ctbus::object<table> object{bus, "/calc", calc};
    (void)gauge;
}
#endif
