// Subscribing without waiting for the bus.
#pragma once

#include <ctbus/awaiting.hpp>
#include <ctbus/callback_mistakes.hpp>
#include <ctbus/callback_room.hpp>
#include <ctbus/proxy.hpp>
#include <ctbus/signals.hpp>
#include <ctbus/subscription.hpp>

#include <cerrno>
#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus {

// clang-format 14 does not know attributes with a reason.
// clang-format off
/// A subscription on its way. Destroying it cancels; it may be moved at any time.
class [[nodiscard("the subscription is cancelled where its handle goes")]] subscribing {
public:
    subscribing() = default;
    subscribing(subscribing&& other) noexcept { take(other); }
    subscribing& operator=(subscribing&& other) noexcept {
        if (this == &other) return *this;
        const subscribing gone{std::move(*this)}; // whose callback may own this: it goes last
        take(other);
        return *this;
    }
    ~subscribing() {
        if (made_) made_.listener()->installing = nullptr;
    }

    /// Whether the bus has yet to answer.
    explicit operator bool() const { return static_cast<bool>(made_); }
    /// Forgets the subscription: its callbacks are destroyed, and not called.
    void cancel() { const subscribing gone{std::move(*this)}; }

private:
    friend class pending_subscription;

    // Of a Style, as what the callback throws passes through.
    template <class Style, class F>
    static void complete_with(subscribing& me, result<subscription>&& outcome) {
        me.callback_.get<F>()(std::move(outcome));
    }
    // The bus has answered the match.
    template <class Style>
    static int installed(sd_bus_message* m, void* userdata, sd_bus_error*) {
        auto* waiting = static_cast<subscribing*>(static_cast<detail::listener*>(userdata)->installing);
        if (!waiting || !waiting->made_.listener()->bus->open) return 0; // it is being closed
        subscribing now{std::move(*waiting)}; // it may be used again, or destroyed
        detail::listener& l = *now.made_.listener();
        l.installing = nullptr;
        // Lost meanwhile, a bus that comes back gets this match with all others.
        const bool later = l.bus->comes_back && sd_bus_is_open(l.bus->bus) <= 0;
        const sd_bus_error* e = later ? nullptr : sd_bus_message_get_error(m);
        if (e) {
            now.made_.reset();
            const error why = detail::is_lost_connection(e)
                                  ? error::from_errno(ECONNRESET, "the connection is lost")
                                  : error{e->name, e->message ? e->message : ""};
            now.finish<Style>(failure{why.during("subscribing")});
        } else {
            now.finish<Style>(std::move(now.made_));
        }
        return 0;
    }
    template <class Style>
    void finish(result<subscription>&& outcome) {
#ifdef __cpp_exceptions
        try {
            complete_(*this, std::move(outcome));
        } catch (...) {
            report(current_error().during("in the callback of a subscription"));
        }
#else
        complete_(*this, std::move(outcome));
#endif
    }
    void take(subscribing& other) noexcept {
        made_ = std::move(other.made_);
        callback_ = std::move(other.callback_);
        complete_ = other.complete_;
        if (made_) made_.listener()->installing = this;
    }

    subscription made_;
    detail::callback_room callback_;
    void (*complete_)(subscribing&, result<subscription>&&) = nullptr;
};

/// A subscription that is ready to be made: by then(), or by `co_await`, which gives its
/// result<subscription>. Without them, nothing happens.
class [[nodiscard("the subscription is made by then() or co_await")]] pending_subscription : detail::named_operation {
public:
    using detail::named_operation::then;
    using value_type = result<subscription>;
    using handle_type = subscribing;

    /// For proxy::async_on() and async_match_signal().
    explicit pending_subscription(subscription&& prepared) : prepared_{std::move(prepared)} {}

    /// Asks the bus; `callback` gets the result<subscription> when it has answered: from the loop,
    /// or before then() returns where nothing has to be asked, or could not be. What the callback
    /// throws is reported. (`sd_bus_add_match_async`)
    template <class F, class Style = error_style>
    subscribing then(F&& callback) && {
        using callable = std::decay_t<F>;
        constexpr mistake unfit =
            detail::answer_callback_mistake<callable, subscription>();
        static_assert(require::sentence<unfit, callable, result<subscription>>());
        subscribing handle;
        if constexpr (unfit != mistake::none) return handle;
        else return start<Style, callable>(std::move(handle), std::forward<F>(callback));
    }
    template <class Style = error_style>
    auto operator co_await() && {
        return detail::awaiting<pending_subscription, Style>{std::move(*this)};
    }

private:
    template <class Style, class F, class G>
    subscribing start(subscribing handle, G&& callback) {
        handle.callback_.keep(std::forward<G>(callback));
        handle.complete_ = &subscribing::complete_with<Style, F>;
        handle.made_ = std::move(prepared_);
        detail::listener* made = handle.made_.listener();
        const bool asks = made && sd_bus_is_bus_client(made->bus->bus) > 0;
        if (asks) {
            made->installed = &subscribing::installed<Style>;
            made->installing = &handle;
        }
        const int r = made ? handle.made_.install() : -EINVAL;
        if (r >= 0 && asks) return handle;
        if (asks) made->installing = nullptr;
        if (r >= 0) handle.finish<Style>(std::move(handle.made_));
        else handle.finish<Style>(failure{error::from_errno(r, made ? made->unfit : nullptr, "subscribing")});
        handle.made_.reset();
        return {};
    }

    subscription prepared_;
};
// clang-format on

namespace detail {

// What proxy::async_on() is made of; proxy.hpp only knows that it exists.
template <class I>
struct asynchronous_signals_need_async_hpp {
    template <fixed_string Name, class Style, class F>
    static pending_subscription on(const bus_ref& bus, F&& callback, const signal_filter& filter) {
        return pending_subscription{
            prepare_subscription<I, Name, Style>(bus, std::forward<F>(callback), filter)};
    }
};

} // namespace detail

/// As match_signal(), without waiting until the match is installed: `then(callback)` or `co_await`
/// gives the result<subscription>.
template <class I, fixed_string Name, class F, class Style = error_style>
pending_subscription async_match_signal(const connection& bus, F callback,
                                        const signal_filter& filter = {}) {
    return detail::asynchronous_signals_need_async_hpp<detail::judged_interface<I>>::template on<
        Name, Style>(bus.state(), std::move(callback), filter);
}

/// Shows that the connection has to live as long.
template <class I, fixed_string Name, class F>
auto async_match_signal(connection&&, const F&, const signal_filter& = {}) {
    return detail::on_a_temporary_connection<I>();
}

} // namespace ctbus
