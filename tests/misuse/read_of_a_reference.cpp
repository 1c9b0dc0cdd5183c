// expect: ctbus: a reference cannot be stored in a D-Bus type: use the value itself
// names: std::
#include <ctbus/message.hpp>

#include <string>

#ifdef MISUSE
void use(ctbus::message m) {
    m.read<std::string&>();
}
#else
void use(ctbus::message m) {
    m.read<std::string>();
}
#endif
