// expect-warning: the object is there only as long as this lives
// names: raw_object
#include <ctbus/ctbus.hpp>
#include <ctbus/raw_object.hpp>

void serve(const ctbus::connection& bus) {
    const auto answer = [](const ctbus::message& call) { call.reply(); };
#ifdef MISUSE
    ctbus::raw_object{bus, "/", answer};
#else
    ctbus::raw_object object{bus, "/", answer};
#endif
}
