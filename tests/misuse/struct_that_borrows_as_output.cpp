// expect: ctbus: a struct that a proxy returns has to own its data: use std::string for std::string_view, a container for std::span
// names: "Get"
#include <ctbus/proxy.hpp>

#include <string_view>

struct entry {
    std::string_view name;
    int value;
};
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Get", entry()>,
        ctbus::method<"Put", void(entry)>> {};

#ifdef MISUSE
void use(const ctbus::proxy<contract>& calc) {
    auto entry = calc.call<"Get">();
}
#else
void use(const ctbus::proxy<contract>& calc) {
    calc.call<"Put">(entry{});
}
#endif
