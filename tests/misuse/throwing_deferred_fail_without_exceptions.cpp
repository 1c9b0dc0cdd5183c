// expect: ctbus: exceptions are off, so x() does not exist here: use try_x(), and try_make() instead of a constructor
// names: without_exceptions
// flags: -fno-exceptions
#include <ctbus/deferred.hpp>

#include <string>

#ifdef MISUSE
void answer(ctbus::deferred<int, std::string>& reply) {
    reply.fail(ctbus::error{});
}
#else
void answer(ctbus::deferred<int, std::string>& reply) {
    static_cast<void>(reply.try_fail(ctbus::error{}));
}
#endif
