// Lets one test speak with and without exceptions: it uses try_x() only, and says must(try_x())
// where x() would do. The throwing spellings are tested in unit/throwing.cpp, and by
// CHECK_THROWS_AS, which is nothing where exceptions are off.
#pragma once

#include <ctbus/object.hpp>

#include <doctest/doctest.h>

#include <source_location>
#include <string>
#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace test {

/// Ends the test (without exceptions, the program) with the words of an error.
inline void fail_with(const ctbus::error& why, std::source_location where) {
    ADD_FAIL_AT(where.file_name(), static_cast<int>(where.line()), std::string{why.what()});
}

/// What try_x() returned, which must be a value.
template <class T>
T must(ctbus::result<T>&& outcome, std::source_location where = std::source_location::current()) {
    if (!outcome) fail_with(outcome.error(), where);
    if constexpr (!std::is_void_v<T>) return *std::move(outcome);
}

/// Leaves a handler with an error: thrown where that is possible, else returned as its result.
[[nodiscard]] inline ctbus::failure refuse(ctbus::error why) {
#ifdef __cpp_exceptions
    ctbus::throw_error(std::move(why));
#else
    return ctbus::failure{std::move(why)};
#endif
}

/// The same with an exception of another class, whose text the error Failed carries.
template <class Exception>
[[nodiscard]] ctbus::failure refuse(const char* why) {
#ifdef __cpp_exceptions
    throw Exception{why};
#else
    return ctbus::failure{ctbus::error{SD_BUS_ERROR_FAILED, why}};
#endif
}

/// An object made by try_make(), which must succeed.
template <class... Vtables>
class exported {
    using object = ctbus::object<Vtables...>;

public:
    template <class Instance>
    exported(const ctbus::connection& bus, ctbus::object_path_view at, Instance&& instance,
             std::source_location where = std::source_location::current())
        : made_(object::try_make(bus, at, std::forward<Instance>(instance))) {
        if (!made_) fail_with(made_.error(), where);
    }
    exported(const ctbus::connection& bus, ctbus::object_path_view at,
             std::source_location where = std::source_location::current())
        : made_(object::try_make(bus, at)) {
        if (!made_) fail_with(made_.error(), where);
    }

    object* operator->() { return &*made_; }
    object& operator*() { return *made_; }

private:
    ctbus::result<object> made_;
};

} // namespace test
