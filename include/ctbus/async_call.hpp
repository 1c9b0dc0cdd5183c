// Calls that do not wait: what comes back goes to a callback, or to a coroutine.
#pragma once

#include <ctbus/async_handle.hpp>
#include <ctbus/awaiting.hpp>
#include <ctbus/callback_mistakes.hpp>
#include <ctbus/proxy.hpp>

#include <cstdint>
#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

#ifdef __cpp_exceptions
/// For where an exception is caught.
template <class Value>
[[gnu::cold, gnu::noinline]] result<Value> thrown_by_reading(outgoing_call& call) {
    return failure{call.during(current_error().in_context("reading the answer"))};
}
#endif

/// Reads an answer. What a user's type throws then is the result: who waits has to go on.
template <class Style, class Value, result<Value> (*Read)(outgoing_call&)>
[[gnu::always_inline]] inline result<Value> read_answer(outgoing_call& call) {
#ifdef __cpp_exceptions
    try {
        return Read(call);
    } catch (...) {
        return thrown_by_reading<Value>(call);
    }
#else
    return Read(call);
#endif
}

/// The callback of a call whose answer nobody waits for.
struct reported_failure {
    void operator()(const auto& answer) const {
        if (!answer) report(answer.error());
    }
};

} // namespace detail

// clang-format 14 does not know attributes with a reason.
// clang-format off
/// A call that is ready to be sent: by then(), by `co_await`, which gives its result<T>, or by
/// detach(). Without them, nothing happens.
template <class Value, result<Value> (*Read)(detail::outgoing_call&),
          const detail::call_about& About>
class [[nodiscard("the call is sent by then(), detach() or co_await")]] pending_call : detail::named_operation {
public:
    using detail::named_operation::then, detail::named_operation::with_timeout, detail::named_operation::detach;
    using value_type = result<Value>;
    using handle_type = async_handle;

    /// For proxy::async_call() and its like: takes the filled message of `call`.
    pending_call(const detail::call_target& target, detail::outgoing_call& call, int filled)
        : request_{detail::call_request::of(target)},
          call_{filled < 0 ? nullptr : std::exchange(call.message, nullptr)},
          limit_{call.limit(target)}, why_{std::move(call.why)} {}
    /// The same where `fill(message, argument)` appends; negative: an errno or a fault, of the
    /// argument that it has counted to.
    template <class Fill>
    [[gnu::always_inline]] pending_call(const detail::call_target& target, const Fill& fill)
        : request_{detail::call_request::of(target)},
          limit_{target.timeout != 0 ? target.timeout : About.info.timeout}, why_{} {
        int argument = 0;
        sd_bus_message* m = nullptr;
        int r = detail::begin_call(target, About.info, &m);
        if (r >= 0) [[likely]] {
            // What fills it may throw; then nothing else would release these.
            struct unless_filled {
                detail::call_request* request;
                sd_bus_message* m;
                ~unless_filled() {
                    if (request) [[unlikely]]
                        drop(*request, m, {});
                }
            } guard{&request_, m};
            r = fill(m, &argument);
            guard.request = nullptr;
        }
        if (r >= 0 && !m) __builtin_unreachable();
        call_ = r >= 0 ? m : nullptr;
        if (r < 0) [[unlikely]]
            why_ = detail::unfilled(About.info, m, r, argument);
    }
    pending_call(pending_call&& other) noexcept
        : request_{other.request_}, call_{std::exchange(other.call_, nullptr)},
          limit_{other.limit_}, why_{std::move(other.why_)} {
        other.request_.bus = nullptr;
    }
    pending_call& operator=(pending_call&&) = delete;
    [[gnu::always_inline]] ~pending_call() {
        if (request_.bus) [[unlikely]] drop(request_, call_, std::move(why_));
    }

    /// The same call with another timeout: a duration, or `ctbus::infinite`.
    template <class D>
    pending_call with_timeout(const D& time) && {
        limit_ = detail::microseconds(time);
        return std::move(*this);
    }

    /// Sends the call; `callback` gets its result<T>, from the loop. Before then() returns it is
    /// called where the call cannot be sent, with the error, and where no reply is wanted. What it
    /// throws is reported.
    template <class F, class Style = error_style>
    async_handle then(F&& callback) && {
        using T = std::decay_t<F>;
        if constexpr (std::is_same_v<Value, detail::anything>) {
            return async_handle{}; // the call was explained
        } else {
            constexpr mistake unfit = detail::answer_callback_mistake<T, Value>();
            static_assert(require::sentence<unfit, T, result<Value>>());
            if constexpr (unfit == mistake::none)
                return start<Style, T>(std::forward<F>(callback));
            else return async_handle{};
        }
    }

    /// Sends the call and gives it to its connection, as then() and the handle's detach() do: the
    /// answer's value is ignored, an error goes to the report handler. Allocates.
    template <class Style = error_style>
    void detach() && {
        using ignored = detail::reported_failure;
        std::move(*this).template then<ignored, Style>(ignored{}).detach();
    }

    /// Sends the call and waits for it; the coroutine that goes away meanwhile cancels it.
    template <class Style = error_style>
    auto operator co_await() && {
        return detail::awaiting<pending_call, Style>{std::move(*this)};
    }

private:
    // GCC 12 makes the handle where it is returned to only if that is the function's only object.
    template <class Style, class T, class F>
    [[gnu::always_inline]] async_handle start(F&& callback) {
        constexpr auto read = &detail::read_answer<Style, Value, Read>;
        async_handle made;
        detail::callback_bytes::make<T>(made.is_.room, std::forward<F>(callback));
        made.does_ = &async_handle::operations_of<Style, T, Value, About>;
        made.is_.request = request_;
        made.is_.home = nullptr;
        if (request_.bus && call_) [[likely]] {
            int r = 0;
            if constexpr (About.info.no_reply) r = made.send_only(call_);
            else r = made.send(call_, limit_, &async_handle::answered<Style, T, Value, read, About>);
            if (About.info.no_reply || r < 0) [[unlikely]]
                made.end_at_once(call_, r);
            sd_bus_message_unref(call_);
        } else {
            made.end_unsent(error{std::move(why_)});
        }
        request_.bus = nullptr;
        return made;
    }
    // By value, so that a call that is sent at once may be kept in registers.
    [[gnu::cold, gnu::noinline]] static void drop(detail::call_request request, sd_bus_message* m,
                                                error) {
        if (m) sd_bus_message_unref(m);
        request.release();
    }

    // Without a bus once it was sent or moved; then none of the others counts.
    detail::call_request request_;
    sd_bus_message* call_;
    std::uint64_t limit_;
    union {
        error why_; // why there is no message
    };
};
// clang-format on

namespace detail {

inline constexpr call_info no_call_info = {"", "", "", "", 0, false, false};
inline constexpr call_about no_call = {no_call_info};

template <class Value>
result<Value> never(outgoing_call&) {
    return failure{error{}};
}

template <class I, class Method>
inline constexpr call_about about_call = {info_of<I, Method>};
template <class I, class Property>
inline constexpr call_about about_get = {get_info_of<Property>, Property::c_name,
                                         I::c_interface_name};
template <class I, class Property>
inline constexpr call_about about_set = {set_info_of<Property>, Property::c_name,
                                         I::c_interface_name};
template <class I>
inline constexpr call_about about_get_all = {get_all_info<I>, "", I::c_interface_name};

// What proxy's asynchronous calls are made of; proxy.hpp only knows that it exists.
template <class I>
struct asynchronous_calls_need_async_hpp {
    template <class Value>
    static auto wrong(const call_target& target) {
        outgoing_call call{no_call_info};
        return pending_call<Value, &never<Value>, no_call>{target, call, -1};
    }

    template <fixed_string Name, class... Args>
    static auto call(const call_target& target, const Args&... args) {
        using check = call_check<I, Name, true, Args...>;
        static_assert(check::judge());
        using value = typename check::value_type;
        if constexpr (!check::is_right) return wrong<value>(target);
        else {
            using method = typename check::method;
            return pending_call<value, &read_outputs<method, result<value>>, about_call<I, method>>{
                target, [&](sd_bus_message* m, int* argument) {
                    return append_arguments(m, argument, typename method::inputs{}, args...);
                }};
        }
    }

    template <fixed_string Name>
    static auto get(const call_target& target) {
        using check = property_check<I, Name, false>;
        static_assert(check::judge());
        using value = typename check::value_type;
        if constexpr (!check::is_right) return wrong<value>(target);
        else {
            using property = typename check::property;
            outgoing_call made{get_info_of<property>};
            const int r = made.filled(begin_get<I, property>(made, target));
            return pending_call<value, &read_property<property, result<value>>,
                                about_get<I, property>>{target, made, r};
        }
    }

    template <fixed_string Name, class Value>
    static auto set(const call_target& target, const Value& value) {
        using check = property_check<I, Name, true, Value>;
        static_assert(check::judge());
        if constexpr (!check::is_right) return wrong<void>(target);
        else {
            using property = typename check::property;
            outgoing_call made{set_info_of<property>};
            error unfit;
            int r = fill_set<I, property>(made, target, value, &unfit);
            if (unfit.name().empty()) r = made.filled(r);
            else made.why = std::move(unfit);
            return pending_call<void, &read_nothing, about_set<I, property>>{target, made, r};
        }
    }

    template <class All>
    static auto get_all(const call_target& target) {
        constexpr mistake unfit = all_properties_mistake<All>();
        static_assert(require::sentence<unfit, All, I>());
        if constexpr (unfit != mistake::none) return wrong<All>(target);
        else {
            outgoing_call made{get_all_info<I>};
            const int r = made.filled(begin_get_all(made, target, I::c_interface_name));
            return pending_call<All, &read_all_properties<All>, about_get_all<I>>{target, made, r};
        }
    }

private:
    static result<void> read_nothing(outgoing_call&) { return {}; }
};

} // namespace detail

} // namespace ctbus
