// expect: ctbus: this connection is closed at once, and what is made on it is gone: give the connection a name, so that it lives as long
// names: raw_object
#include <ctbus/raw_object.hpp>

#ifdef MISUSE
void use() {
    const ctbus::raw_object any{ctbus::connection::session(), "/any", [](const ctbus::message&) {}};
}
#else
void use() {
    const auto bus = ctbus::connection::session();
    const ctbus::raw_object any{bus, "/any", [](const ctbus::message&) {}};
}
#endif
