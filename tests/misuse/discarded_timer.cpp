// expect-warning: the callback is cancelled where its timer goes: keep it
// names: timer
#include <ctbus/async.hpp>

#include <chrono>
#include <utility>

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    ctbus::after(bus, std::chrono::seconds{1}).then([] {});
}
#else
void use(const ctbus::connection& bus) {
    const auto timer = ctbus::after(bus, std::chrono::seconds{1}).then([] {});
}
#endif
