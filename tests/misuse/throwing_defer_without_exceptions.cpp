// expect: ctbus: exceptions are off, so x() does not exist here: use try_x(), and try_make() instead of a constructor
// names: without_exceptions
// flags: -fno-exceptions
#include <ctbus/deferred.hpp>

#ifdef MISUSE
void use(const ctbus::message& call) {
    auto later = call.defer<int>();
}
#else
void use(const ctbus::message& call) {
    auto later = call.try_defer<int>();
}
#endif
