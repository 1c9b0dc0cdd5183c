// expect: ctbus: the type of a value is named without const: use T instead of const T
// names: const int
#include <ctbus/variant.hpp>

#ifdef MISUSE
using number = const int;
#else
using number = int;
#endif

int use(const ctbus::variant& v) {
    return v.get<number>();
}
