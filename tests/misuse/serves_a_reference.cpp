// expect: ctbus: serves<S> names the class itself: neither a reference, nor a pointer, nor const
// names: settings
#include <ctbus/ctbus.hpp>

struct settings {
    int volume = 0;
};

struct settings_vtable :
    ctbus::vtable<"org.example.Settings", ctbus::handler<"Mute", [](settings& s) { s.volume = 0; }>,
#ifdef MISUSE
        ctbus::serves<settings&>
#else
        ctbus::serves<settings>
#endif
        > {
};

void serve(const ctbus::connection& bus, settings& s) {
    ctbus::object<settings_vtable> object{bus, "/", s};
}
