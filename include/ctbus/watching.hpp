// A place for one who watches the handlers that run: slow_handlers.hpp.
#pragma once

#include <systemd/sd-bus.h>

namespace ctbus::detail {

/// What a watcher calls a handler; the names outlive it, but for the path of its object.
struct handler_names {
    const char* kind;      // words before the names; empty: a method, which may answer later
    const char* interface; // may be null
    const char* member;
    const char* path;
    sd_bus_message* message = nullptr; // says all but the kind
};

struct handler_watcher {
    void* (*begin)(handler_names);
    void (*end)(void* begun);
};
/// Null: nobody watches.
inline constinit const handler_watcher* watcher = nullptr;

/// Tells of a handler that begins and ends; for where nothing can be thrown between the two.
[[gnu::cold, gnu::noinline]] inline void* tell_watcher(const char* kind, sd_bus_message* m) {
    return watcher->begin({kind, nullptr, nullptr, nullptr, m});
}
inline void* begin_watch(const char* kind, sd_bus_message* m) {
    return watcher ? tell_watcher(kind, m) : nullptr;
}
inline void end_watch(void* begun) {
    if (begun && watcher) [[unlikely]]
        watcher->end(begun);
}

/// Runs a handler: `work()`. `names()` are only asked for while handlers are watched.
template <class Style, class Names, class Work>
[[gnu::always_inline]] inline auto watched(const Names& names, const Work& work) {
    struct watch {
        const handler_watcher* by = watcher;
        void* begun = nullptr;
        ~watch() {
            if (begun) [[unlikely]]
                by->end(begun);
        }
    } running;
    if (running.by) [[unlikely]]
        running.begun = running.by->begin(names());
    return work();
}

} // namespace ctbus::detail
