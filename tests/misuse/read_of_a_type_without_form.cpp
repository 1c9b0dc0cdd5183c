// expect: ctbus: a pointer cannot travel: use the value itself, or std::string_view for text
// names: nesting<int
#include <ctbus/message.hpp>

#ifdef MISUSE
void use(ctbus::message m) {
    auto values = m.read<int, int*, float>();
}
#else
void use(ctbus::message m) {
    auto values = m.read<int, int>();
}
#endif
