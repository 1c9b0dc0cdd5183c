// expect: ctbus: an argument in braces has no type: name it, as in call<"Name">(point{1, 2})
// names: Put
#include <ctbus/proxy.hpp>

#include <string>

struct entry {
    std::string name;
    int value;
};
struct contract : ctbus::interface<"org.example.Calculator", ctbus::method<"Put", void(entry)>> {};

#ifdef MISUSE
void use(const ctbus::proxy<contract>& calc) {
    calc.call<"Put">({"one", 1});
}
#else
void use(const ctbus::proxy<contract>& calc) {
    calc.call<"Put">(entry{"one", 1});
}
#endif
