// expect: ctbus: the type of a value is named without const: use T instead of const T
// names: const int
#include <ctbus/message.hpp>

#ifdef MISUSE
using number = const int;
#else
using number = int;
#endif

void use(ctbus::message& m) {
    m.read<number, double>();
}
