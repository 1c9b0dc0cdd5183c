// expect: ctbus: an argument has a type that ctbus does not take for the parameter's type: give a value of that type
// names: parameter<2>
// names: deferred<int
#include <ctbus/deferred.hpp>

#include <string>
#include <vector>

void answer(ctbus::deferred<int, std::string>& reply) {
#ifdef MISUSE
    static_cast<void>(reply.try_reply(1, std::vector<int>{}));
#else
    static_cast<void>(reply.try_reply(1, "text"));
#endif
}
