// expect: ctbus: too many arguments: give one for each parameter of the declaration
// names: deferred<int
#include <ctbus/deferred.hpp>

#include <string>

#ifdef MISUSE
void answer(ctbus::deferred<int, std::string>& reply) {
    static_cast<void>(reply.try_reply(1, "text", 2));
}
#else
void answer(ctbus::deferred<int, std::string>& reply) {
    static_cast<void>(reply.try_reply(1, "text"));
}
#endif
