// Where errors go that have nobody to be thrown at.
#pragma once

#include <ctbus/error.hpp>

#include <cstdio>

namespace ctbus {

/// A function that is called with each report.
using report_handler = void (*)(const error&);

namespace detail {
inline report_handler current_report_handler = nullptr;
}

/// Sets what is called with an error that no caller can be given: an exception swallowed after a
/// reply, a signal that does not match its declaration, a reply that could not be sent.
/// Null restores the default, one line on standard error. Returns what was set before.
/// The handler must not throw. Set it before other threads use ctbus.
inline report_handler set_report_handler(report_handler handler) {
    const report_handler before = detail::current_report_handler;
    detail::current_report_handler = handler;
    return before;
}

/// Reports `e`; for other parts of ctbus.
[[gnu::cold, gnu::noinline]] inline void report(const error& e) noexcept {
    if (detail::current_report_handler) detail::current_report_handler(e);
    else std::fprintf(stderr, "ctbus: %s\n", e.what());
}

[[gnu::cold, gnu::noinline]] inline void report(int code, const char* text,
                                                const char* context = nullptr) noexcept {
    report(error::from_errno(code, text, context));
}

} // namespace ctbus
