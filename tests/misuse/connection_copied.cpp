// expect: deleted
// names: ctbus::connection
#include <ctbus/connection.hpp>

#include <utility>

#ifdef MISUSE
ctbus::connection use(ctbus::connection& bus) {
    return bus;
}
#else
ctbus::connection use(ctbus::connection& bus) {
    return std::move(bus);
}
#endif
