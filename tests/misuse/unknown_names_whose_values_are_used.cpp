// expect: ctbus: the interface has no method of this name
// names: Typo
#include <ctbus/ctbus.hpp>

#include <iostream>
#include <string>
#include <vector>

struct Service :
    ctbus::interface<"org.example.Service", ctbus::method<"Number", double()>,
        ctbus::method<"Names", std::vector<std::string>()>> {};

void print(const ctbus::proxy<Service>& service) {
#ifdef MISUSE
    const auto number = service.call<"Typo">();
    const auto names = service.call<"Typo">();
#else
    const auto number = service.call<"Number">();
    const auto names = service.call<"Names">();
#endif
    std::cout << 2 * number + 1 << '\n';
    for (const auto& name : names) std::cout << name << '\n';
}
