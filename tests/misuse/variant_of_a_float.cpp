// expect: ctbus: D-Bus has one floating type: use double
#include <ctbus/ctbus.hpp>

#include <map>
#include <string>

#ifdef MISUSE
using number = float;
#else
using number = double;
#endif

ctbus::variant half() {
    return number{0.5};
}
ctbus::variant quarter{number{0.25}};
std::map<std::string, ctbus::variant> eighths{{"one", number{0.125}}};
