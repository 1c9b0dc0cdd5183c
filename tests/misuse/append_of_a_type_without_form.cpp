// expect: ctbus: D-Bus has one floating type: use double
// names: float
#include <ctbus/message.hpp>

#ifdef MISUSE
void use(ctbus::message m) {
    m.append(1, 0.5f, 'c');
}
#else
void use(ctbus::message m) {
    m.append(1, 0.5);
}
#endif
