// expect: ctbus: an argument in braces has no type: name it, as in call<"Name">(point{1, 2})
// names: "Configure"
#include <ctbus/ctbus.hpp>

#include <map>
#include <string>

using options = std::map<std::string, ctbus::variant>;
struct contract :
    ctbus::interface<"org.example.Printer", ctbus::method<"Configure", void(options)>> {};

void use(const ctbus::proxy<contract>& printer) {
#ifdef MISUSE
    printer.call<"Configure">({{"copies", 2}, {"colour", true}});
#else
    printer.call<"Configure">(options{{"copies", 2}, {"colour", true}});
#endif
}
