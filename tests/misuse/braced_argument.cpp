// expect: no matching
// names: call
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
