// expect: ctbus: an object wants structs derived from ctbus::vtable<...> or ctbus::implements<...>, publicly and from one only
// names: calculator
#include <ctbus/object.hpp>

class calculator {
public:
    int add(int, int);
    int mode() const;
};
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &calculator::add>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus, calculator& calc) {
    ctbus::object<calculator> object{bus, "/calc", calc};
}
#else
void use(const ctbus::connection& bus, calculator& calc) {
    ctbus::object<table> object{bus, "/calc", calc};
}
#endif
