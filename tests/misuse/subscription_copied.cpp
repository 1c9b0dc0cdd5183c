// expect: deleted
// names: ctbus::subscription
#include <ctbus/subscription.hpp>

#include <utility>

#ifdef MISUSE
ctbus::subscription use(ctbus::subscription& heard) {
    return heard;
}
#else
ctbus::subscription use(ctbus::subscription& heard) {
    return std::move(heard);
}
#endif
