// Calls that do not wait: what comes back goes to a callback, or to a coroutine.
#pragma once

#include <ctbus/async_handle.hpp>
#include <ctbus/awaiting.hpp>
#include <ctbus/proxy.hpp>

#include <cstdint>
#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

/// What is wrong with calling an `F` with the result of a call that gives a `Value`.
template <class F, class Value>
consteval mistake answer_callback_mistake() {
    if constexpr (std::is_same_v<Value, anything>) return mistake::none; // the call was explained
    else return call_mistake<mistake::not_an_answer_callback, F, result<Value>>();
}

} // namespace detail

// clang-format 14 does not know attributes with a reason.
// clang-format off
/// A call that is ready to be sent: by then(), or by `co_await`, which gives its result<T>. Without
/// them, nothing happens.
template <class Value, result<Value> (*Read)(detail::outgoing_call&)>
class [[nodiscard("the call is sent by then() or co_await")]] pending_call {
public:
    using value_type = result<Value>;
    using handle_type = async_handle;

    /// For proxy::async_call() and its like: takes the filled message of `call`.
    pending_call(const detail::call_target& target, detail::outgoing_call& call, int filled)
        : request_{filled < 0 ? async_handle::request{}
                              : async_handle::request{target.bus, target.destination, target.path,
                                                      &call.info, call.property, call.property_of}},
          call_{filled < 0 ? message{} : message::adopt(std::exchange(call.message, nullptr))},
          limit_{call.limit(target)}, why_{std::move(call.why)} {}

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
        constexpr mistake unfit = detail::answer_callback_mistake<T, Value>();
        static_assert(require::sentence<unfit, T, result<Value>>());
        if constexpr (unfit == mistake::none && !std::is_same_v<Value, detail::anything>) {
            async_handle made{std::move(request_)};
            made.callback_.keep(std::forward<F>(callback));
            made.does_ = &async_handle::operations_of<Style, T, Value, Read>;
            if (const message m = std::move(call_)) send<Style>(made, m.get());
            else end<Style>(made, std::move(why_), false);
            return made; // the one object everywhere: sd-bus knows where it is
        } else {
            return async_handle{};
        }
    }

    /// Sends the call and waits for it; the coroutine that goes away meanwhile cancels it.
    template <class Style = error_style>
    auto operator co_await() && {
        return detail::awaiting<pending_call, Style>{std::move(*this)};
    }

private:
    template <class Style>
    void send(async_handle& made, sd_bus_message* m) {
        made.request_.bus->check_thread();
        sd_bus* bus = made.request_.bus->bus;
        const bool keep_quiet = made.request_.info->sensitive;
        int r = 0;
        if (made.request_.info->no_reply) {
            if ((r = sd_bus_message_set_expect_reply(m, 0)) >= 0)
                r = traced_send(bus, m, keep_quiet);
            if (r >= 0) return end<Style>(made, {}, true);
        } else {
            r = sd_bus_call_async(bus, &made.slot_, m, &async_handle::answered<Style>, &made,
                                  limit_);
            if (tracing && r >= 0) [[unlikely]]
                trace("sends", m, keep_quiet);
            detail::foreign_loop::interest_changed(bus);
        }
        if (r < 0) end<Style>(made, detail::call_error(m, r, nullptr), false);
    }

    // No answer will come: calls back now.
    template <class Style>
    static void end(async_handle& made, error why, bool sent) {
        detail::outgoing_call call{made.request_.info ? *made.request_.info : detail::no_call};
        call.why = std::move(why);
        if (!sent && call.why.name().empty())
            call.why = {SD_BUS_ERROR_FAILED, "this call has been sent already"};
        made.complete<Style>(call, sent);
        made.cancel();
    }

    async_handle::request request_;
    message call_; // empty once it was sent
    std::uint64_t limit_;
    error why_; // why there is no message
};
// clang-format on

namespace detail {

template <class Value>
result<Value> never(outgoing_call&) {
    return failure{error{}};
}

// What proxy's asynchronous calls are made of; proxy.hpp only knows that it exists.
template <class I>
struct asynchronous_calls_need_async_hpp {
    template <class Value>
    static auto wrong(const call_target& target) {
        outgoing_call call{no_call};
        return pending_call<Value, &never<Value>>{target, call, -1};
    }

    template <fixed_string Name, class... Args>
    static auto call(const call_target& target, const Args&... args) {
        using check = call_check<I, Name, Args...>;
        static_assert(check::judge());
        using value = typename check::value_type;
        if constexpr (!check::is_right) return wrong<value>(target);
        else {
            using method = typename check::method;
            outgoing_call made{info_of<I, method>};
            const int r = made.filled(fill_call<method>(made, target, args...));
            return pending_call<value, &read_outputs<method, result<value>>>{target, made, r};
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
            return pending_call<value, &read_property<property, result<value>>>{target, made, r};
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
            return pending_call<void, &read_nothing>{target, made, r};
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
            return pending_call<All, &read_all_properties<All>>{target, made, r};
        }
    }

private:
    static result<void> read_nothing(outgoing_call&) { return {}; }
};

} // namespace detail

} // namespace ctbus
