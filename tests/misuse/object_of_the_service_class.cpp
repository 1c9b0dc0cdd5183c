// expect: ctbus: an object wants structs derived from ctbus::vtable<...> or ctbus::implements<...>, publicly and from one only
// names: service
#include <ctbus/ctbus.hpp>

#include <cstdint>

class service {
public:
    std::uint32_t level = 0;
};

struct service_vtable :
    ctbus::vtable<"org.example.Service",
        ctbus::accessor<"Level", &service::level, ctbus::emits_change>,
        ctbus::signal<"Ran", void()>> {};

#ifdef MISUSE
using exported = ctbus::object<service>;
#else
using exported = ctbus::object<service_vtable>;
#endif

void serve(const ctbus::connection& bus, service& s) {
    exported object{bus, "/", s};
    object.emit<"Ran">();
    object.changed<"Level">();
}
