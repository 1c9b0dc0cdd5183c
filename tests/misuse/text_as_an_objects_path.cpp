// expect: ctbus: text made at run time may be no valid name: check it with parse(), as in object_path::parse(text)
// names: object_path_rules
#include <ctbus/object.hpp>

#include <string>

struct calculator {
    int add(int, int);
};
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &calculator::add>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus, std::string path, calculator& calc) {
    ctbus::object<table> object{bus, path, calc};
}
#else
void use(const ctbus::connection& bus, std::string path, calculator& calc) {
    auto checked = ctbus::object_path::parse(path);
    if (checked) ctbus::object<table> object{bus, *checked, calc};
}
#endif
