// expect: deleted
// names: deferred
#include <ctbus/ctbus.hpp>

#include <utility>

void answer(ctbus::deferred<int> reply) {
#ifdef MISUSE
    ctbus::deferred<int> later{reply};
#else
    ctbus::deferred<int> later{std::move(reply)};
#endif
    later.reply(1);
}
