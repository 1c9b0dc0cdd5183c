// Times in any unit, without <chrono>.
#pragma once

#include <cstdint>
#include <time.h>

namespace ctbus {

/// A length of time: std::chrono's durations, or anything else with a count and a period.
template <class D>
concept duration = requires(const D& d) {
    d.count();
    D::period::num;
    D::period::den;
};

/// Microseconds, never ending.
struct infinite_time {};
/// A timeout that never ends.
inline constexpr infinite_time infinite{};

namespace detail {

/// CLOCK_MONOTONIC in microseconds, as sd-bus counts. (Asked before sleeping: small is enough.)
[[gnu::cold, gnu::noinline]] inline std::uint64_t now() {
    timespec t{};
    ::clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000 +
           static_cast<std::uint64_t>(t.tv_nsec) / 1000;
}

/// `d` in microseconds as sd-bus wants them, rounded up; at least 1, as 0 means its default.
template <duration D>
constexpr std::uint64_t microseconds(const D& d) {
    const long double wanted =
        static_cast<long double>(d.count()) * D::period::num * 1'000'000 / D::period::den;
    if (wanted <= 1) return 1;
    if (wanted >= 9e18L) return UINT64_MAX;
    const auto whole = static_cast<std::uint64_t>(wanted);
    return static_cast<long double>(whole) < wanted ? whole + 1 : whole;
}
constexpr std::uint64_t microseconds(infinite_time) {
    return UINT64_MAX;
}
template <class D>
constexpr std::uint64_t microseconds(const D&) {
    static_assert(duration<D>, "ctbus: a time is a duration with a unit, such as "
                               "std::chrono::seconds{5}, or ctbus::infinite");
    return 0;
}

} // namespace detail

} // namespace ctbus
