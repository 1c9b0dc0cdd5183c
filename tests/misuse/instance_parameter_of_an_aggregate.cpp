// expect: ctbus: an input stands after an output: put inputs (T, const T&) first and outputs (T&) last; if the first parameter is the served instance, name its class with serves<S>
// names: SetVolume
#include <ctbus/ctbus.hpp>

#include <string>

struct settings {
    int volume = 0;
    std::string name;
};

struct settings_vtable :
    ctbus::vtable<"org.example.Settings",
#ifndef MISUSE
        ctbus::serves<settings>,
#endif
        ctbus::handler<"SetVolume", [](settings& s, int volume) { s.volume = volume; }>> {
};

void serve(const ctbus::connection& bus, settings& s) {
    ctbus::object<settings_vtable> object{bus, "/", s};
}
