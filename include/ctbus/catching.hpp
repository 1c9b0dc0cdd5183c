// What user code throws, as an error: for where nothing may be thrown on.
#pragma once

#include <ctbus/outcome.hpp>

#include <cerrno>
#include <new>
#include <system_error>
#include <utility>
#ifdef __GLIBCXX__
#include <bits/cxxabi_forced.h> // __forced_unwind; <cxxabi.h>, which calls it abi::, is long
#endif

namespace ctbus {

#ifdef __cpp_exceptions
[[gnu::cold, gnu::noinline]] inline error error_of(const std::system_error& e) noexcept {
    const auto& category = e.code().category();
    if (category == std::generic_category() || category == std::system_category())
        return error::from_errno(e.code().value(), e.what());
    return error::failed(e.what());
}
/// Runs `run()`; what it throws is given to `fail` as the error that is answered.
template <class Run, class Fail>
[[gnu::always_inline]] inline void catching(const Run& run, const Fail& fail) noexcept {
    try {
        run();
    } catch (const error& e) {
        fail(error{e});
    } catch (const std::system_error& e) {
        fail(error_of(e));
    } catch (const std::bad_alloc&) {
        fail(error::from_errno(ENOMEM));
    } catch (const std::exception& e) {
        fail(error::failed(e.what()));
    } catch (...) {
        fail(error::failed("unknown exception"));
    }
}
/// The exception being handled, which is thrown once more for that.
[[gnu::cold, gnu::noinline]] inline error current_error() noexcept {
    error current;
    catching([] { throw; }, [&](error&& e) { current = std::move(e); });
    return current;
}
#endif

namespace detail {

#ifdef __cpp_exceptions
/// current_error(), but never none: somebody may throw `error{}`. `doing`: a pattern for the names.
[[gnu::cold, gnu::noinline]] inline error caught_error(const char* doing, const char* interface,
                                                       const char* member) noexcept {
    error e = current_error();
    if (!e) e = error::failed("");
    return doing ? e.during(doing, interface, member) : e;
}
#endif

/// The error that `does()` returns, or of what it throws, as a user's wire<T> may: for try_x(),
/// which throws nothing. `doing` is said of that: two names by a pattern of printf's.
template <class Style, class F>
[[gnu::always_inline]] inline auto caught(const F& does,
                                          [[maybe_unused]] const char* doing = nullptr,
                                          [[maybe_unused]] const char* interface = nullptr,
                                          [[maybe_unused]] const char* member = nullptr) {
    static_assert(judge_style<Style>());
#ifdef __cpp_exceptions
    try {
        return does();
#ifdef __GLIBCXX__
        // pthread_cancel(): nobody may stop it. libc++ has no name for it, and lets it pass.
    } catch (const __cxxabiv1::__forced_unwind&) {
        throw;
#endif
    } catch (...) {
        return caught_error(doing, interface, member);
    }
#else
    return does();
#endif
}

} // namespace detail

} // namespace ctbus
