// Waiting for a std::stop_token, whose request may come from any thread.
#pragma once

#include <ctbus/awaiting.hpp>
#include <ctbus/callback_mistakes.hpp>
#include <ctbus/callback_room.hpp>
#include <ctbus/connection.hpp>
#include <ctbus/dispatch.hpp>
#include <ctbus/post.hpp>

#include <memory> // the state is shared with another thread: counted atomically
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

namespace ctbus {

// clang-format 14 does not know attributes with a reason.
// clang-format off
/// A callback that waits for a stop request. Destroying it cancels.
class [[nodiscard("the callback is cancelled where its handle goes: keep it")]] stop_wait {
public:
    stop_wait() = default;
    stop_wait(stop_wait&&) noexcept = default;
    stop_wait& operator=(stop_wait&& other) noexcept {
        if (this != &other) {
            cancel();
            state_ = std::move(other.state_);
        }
        return *this;
    }
    ~stop_wait() { cancel(); }

    /// Forgets the callback.
    void cancel() {
        if (!state_) return;
        const std::shared_ptr<state> keep = std::move(state_);
        keep->request.reset();
        keep->call = nullptr;
        keep->callback.clear();
    }

private:
    friend class pending_stop;

    // Shared with what was posted, which may come after the handle has gone. Only the request's
    // own function runs in another thread.
    struct state : std::enable_shared_from_this<state> {
        struct requested {
            state* of;
            void operator()() const { of->post(*of); }
        };
        poster where;
        detail::callback_room callback;
        void (*call)(detail::callback_room&) = nullptr;
        void (*post)(state&) = nullptr;
        std::optional<std::stop_callback<requested>> request;

        explicit state(poster to) : where{std::move(to)} {}
        // Of a Style, as what the callback throws passes through.
        template <class Style>
        void run() {
            if (!call) return;
            detail::callback_room now{std::move(callback)}; // its handle may be destroyed
            std::exchange(call, nullptr)(now);
        }
    };

    std::shared_ptr<state> state_;
};

/// A stop request to come: wait for it by then(callback) or `co_await`.
class [[nodiscard("then() or co_await waits for the request")]] pending_stop {
public:
    using value_type = void;
    using handle_type = stop_wait;

    pending_stop(poster where, std::stop_token token)
        : where_{std::move(where)}, token_{std::move(token)} {}

    /// Calls `callback()` from the loop when the stop is requested, which may have happened already.
    /// What it throws is reported.
    template <class F, class Style = error_style>
    stop_wait then(F&& callback) && {
        using callable = std::decay_t<F>;
        constexpr mistake unfit = detail::call_mistake<mistake::not_a_plain_callback, callable>();
        static_assert(require::sentence<unfit, callable>());
        stop_wait made;
        if constexpr (unfit != mistake::none) return made;
        else {
        made.state_ = std::make_shared<stop_wait::state>(std::move(where_));
        made.state_->callback.keep(std::forward<F>(callback));
            made.state_->call = [](detail::callback_room& room) {
                static_cast<void>(room.get<callable>()());
            };
            made.state_->post = [](stop_wait::state& requested) {
                auto run = [keep = requested.shared_from_this()] { keep->template run<Style>(); };
                requested.where.post<decltype(run), Style>(std::move(run));
            };
        made.state_->request.emplace(std::move(token_),
                                     stop_wait::state::requested{made.state_.get()});
        return made;
        }
    }
    template <class Style = error_style>
    auto operator co_await() && {
        return detail::awaiting<pending_stop, Style>{std::move(*this)};
    }

private:
    poster where_;
    std::stop_token token_;
};
// clang-format on

/// Waits, while the loop of `bus` runs, until a stop is requested: `co_await stopped(bus, token)`.
inline pending_stop stopped(const connection& bus, std::stop_token token) {
    return {bus.poster(), std::move(token)};
}

} // namespace ctbus
