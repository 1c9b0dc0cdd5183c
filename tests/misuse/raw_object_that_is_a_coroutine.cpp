// expect: ctbus: the task that this callback returns would never run: give it to bus.spawn() inside a callback that returns nothing
#include <ctbus/async.hpp>
#include <ctbus/raw_object.hpp>

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    const ctbus::raw_object object{
        bus, "/a", [](const ctbus::message&) -> ctbus::task<void> { co_return; }};
}
#else
void use(ctbus::connection& bus) {
    const ctbus::raw_object object{bus, "/a", [&](const ctbus::message&) {
                                       bus.spawn([]() -> ctbus::task<void> { co_return; }());
                                   }};
}
#endif
