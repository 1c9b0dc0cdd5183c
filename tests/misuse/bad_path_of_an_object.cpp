// expect: object_path_must_begin_with_a_slash
// names: object_path_rules
#include <ctbus/object.hpp>

class calculator {
public:
    int add(int, int);
    int mode() const;
};
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &calculator::add>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus, calculator& calc) {
    ctbus::object<table> object{bus, "calc", calc};
}
#else
void use(const ctbus::connection& bus, calculator& calc) {
    ctbus::object<table> object{bus, "/calc", calc};
}
#endif
