// expect: ctbus: the interface has no property of this name
// names: Nmae
#include <ctbus/proxy.hpp>

#include <string>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::property<"Name", std::string>,
        ctbus::property<"Precision", unsigned>> {};

bool use(const ctbus::proxy<contract>& calc) {
#ifdef MISUSE
    return calc.get<"Nmae">().size() < 2;
#else
    return calc.get<"Name">().size() < 2;
#endif
}
