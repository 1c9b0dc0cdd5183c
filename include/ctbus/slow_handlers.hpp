// Reports about handlers that hold the loop for too long, so that nothing else is answered.
#pragma once

#include <ctbus/duration.hpp>
#include <ctbus/report.hpp>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <systemd/sd-bus.h>

namespace ctbus {

namespace detail {

inline constexpr std::uint64_t never_slow = UINT64_MAX;
inline std::uint64_t slow_after = never_slow; // microseconds

/// What a report calls a handler; the names outlive it, but for the path of its object.
struct handler_names {
    const char* kind;      // words before the names; empty: a method, which may answer later
    const char* interface; // may be null
    const char* member;
    const char* path;
};

/// Reports when it goes, if that is too late; also where the handler throws.
class slow_watch {
public:
    [[gnu::cold, gnu::noinline]] explicit slow_watch(const handler_names& names)
        : names_{names}, path_{::strdup(names.path ? names.path : "")}, began_{now()} {}
    slow_watch(const slow_watch&) = delete;
    slow_watch& operator=(const slow_watch&) = delete;
    [[gnu::cold, gnu::noinline]] ~slow_watch() {
        const std::uint64_t took = now() - began_;
        if (took > slow_after) tell(took);
        std::free(path_);
    }

private:
    void tell(std::uint64_t took) const {
        report(error::format(
            SD_BUS_ERROR_FAILED, ETIME, "%s%s%s%s%s%s held the loop for %.*f ms: %s", names_.kind,
            names_.interface ? names_.interface : "", names_.interface ? "." : "",
            names_.member ? names_.member : "", names_.path ? " at " : "", path_ ? path_ : "",
            took < 10'000 ? 1 : 0, static_cast<double>(took) / 1000,
            *names_.kind ? "take longer work to a thread"
                         : "take longer work to a deferred reply or a thread"));
    }

    handler_names names_;
    char* path_; // null where memory is gone
    std::uint64_t began_;
};

template <class Style, class Work>
[[gnu::cold, gnu::noinline]] auto run_watched(const handler_names& names, const Work& work) {
    const slow_watch watch{names};
    return work();
}

/// Runs a handler: `work()`. `names()` are only asked for while handlers are watched.
template <class Style, class Names, class Work>
[[gnu::always_inline]] inline auto watched(const Names& names, const Work& work) {
    if (slow_after != never_slow) [[unlikely]]
        return run_watched<Style>(names(), work);
    return work();
}

} // namespace detail

/// Reports (see set_report_handler()) every handler that runs for longer than `limit`, a duration:
/// handlers of methods, getters, setters, callbacks of signals, of calls that do not wait and of
/// timers, and what was posted; a coroutine, once it has waited, counts as what it waited for. The
/// report names it and has the code ETIME. What it waits for in calls of its own counts.
/// `ctbus::infinite`, which is the default, turns that off. Set it before other threads use ctbus.
template <class D>
void set_slow_handler_threshold(const D& limit) {
    detail::slow_after = detail::microseconds(limit);
}

} // namespace ctbus
