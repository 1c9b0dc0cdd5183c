// Reports about handlers that hold the loop for too long, so that nothing else is answered.
#pragma once

#include <ctbus/duration.hpp>
#include <ctbus/report.hpp>
#include <ctbus/watching.hpp>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <systemd/sd-bus.h>

namespace ctbus {

namespace detail {

inline std::uint64_t slow_after = 0; // microseconds

/// A handler that runs.
struct slow_watch {
    handler_names names;
    char* path; // null where memory is gone
    std::uint64_t began;
};

inline void* begin_slow(handler_names names) {
    if (sd_bus_message* m = names.message) {
        names.interface = sd_bus_message_get_interface(m);
        names.member = sd_bus_message_get_member(m);
        names.path = sd_bus_message_get_path(m);
    }
    // Its object may be gone in the end, and its path with it.
    return new (std::nothrow) slow_watch{names, ::strdup(names.path ? names.path : ""), now()};
}

inline void end_slow(void* begun) {
    auto* watch = static_cast<slow_watch*>(begun);
    const std::uint64_t took = now() - watch->began;
    if (took > slow_after) {
        const handler_names& n = watch->names;
        report(error::format(
            SD_BUS_ERROR_FAILED, ETIME, "%s%s%s%s%s%s held the loop for %.*f ms: %s", n.kind,
            n.interface ? n.interface : "", n.interface ? "." : "", n.member ? n.member : "",
            n.path ? " at " : "", watch->path ? watch->path : "", took < 10'000 ? 1 : 0,
            static_cast<double>(took) / 1000,
            *n.kind ? "take longer work to a thread"
                    : "take longer work to a deferred reply or a thread"));
    }
    std::free(watch->path);
    delete watch;
}

inline constexpr handler_watcher slow_watcher = {&begin_slow, &end_slow};

} // namespace detail

/// Reports (see set_report_handler()) every handler that runs for longer than `limit`, a duration:
/// handlers of methods, getters, setters, callbacks of signals, of calls that do not wait and of
/// timers, and what was posted; a coroutine, once it has waited, counts as what it waited for. The
/// report names it and has the code ETIME. What it waits for in calls of its own counts.
/// `ctbus::infinite`, which is the default, turns that off. Set it before other threads use ctbus.
template <class D>
void set_slow_handler_threshold(const D& limit) {
    detail::slow_after = detail::microseconds(limit);
    detail::watcher = detail::slow_after == UINT64_MAX ? nullptr : &detail::slow_watcher;
}

} // namespace ctbus
