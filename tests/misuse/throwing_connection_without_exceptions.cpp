// expect: ctbus: exceptions are off, so x() does not exist here: use try_x(), and try_make() instead of a constructor
// names: without_exceptions
// flags: -fno-exceptions
#include <ctbus/connection.hpp>

#ifdef MISUSE
void use() {
    auto bus = ctbus::connection::session();
}
#else
void use() {
    auto bus = ctbus::connection::try_session();
}
#endif
