// Work from other threads: bus.post(function) runs it where the connection runs.
#pragma once

#include <ctbus/callback_mistakes.hpp>
#include <ctbus/connection.hpp>
#include <ctbus/dispatch.hpp>
#include <ctbus/loop_work.hpp>
#include <ctbus/mailbox.hpp>
#include <ctbus/shape.hpp>

#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

template <class Style, class F>
struct posted_function : posted_work {
    F function;

    template <class G>
    explicit posted_function(G&& g) : function(std::forward<G>(g)) {
        end = [](posted_work* work, bool run) {
            auto* me = static_cast<posted_function*>(work);
            if (run) me->call();
            delete me;
        };
    }

private:
    void call() {
        const auto run = [this] {
            watched<Style>(
                [] {
                    return handler_names{"a posted function", {}, {}, {}};
                },
                [this] { static_cast<void>(function()); });
        };
#ifdef __cpp_exceptions
        try {
            run();
        } catch (...) {
            report(current_error().during("in a posted function"));
        }
#else
        run();
#endif
    }
};

template <class Style, class F>
bool post_to(mailbox* box, F&& function) {
    constexpr mistake unfit = call_mistake<mistake::not_a_plain_callback, std::decay_t<F>>();
    static_assert(require::sentence<unfit, std::decay_t<F>>());
    if constexpr (unfit == mistake::none) {
        if (!box) return false;
        auto* work = new posted_function<Style, std::decay_t<F>>{std::forward<F>(function)};
        if (box->put(work)) return true;
        work->end(work, false);
    }
    return false;
}

// A connection of a program that includes this can be posted to from its first moment on, so that
// no thread ever has to change it for that.
inline const bool posting = [] {
    bus_opened = [](bus_state& state) {
        if (const int r = loop_work::of(state).open_box(); r < 0)
            report(r, "nothing can be posted to this connection");
    };
    return true;
}();

// What connection::post() is made of; connection.hpp only knows that it exists.
template <class>
struct posting_needs_post_hpp {
    template <class Style, class F>
    static bool post(const bus_state& state, F&& function) {
        static_cast<void>(posting); // used, so that no compiler leaves it out
        auto* work = static_cast<loop_work*>(state.extension);
        return post_to<Style>(work ? work->box() : nullptr, std::forward<F>(function));
    }
    static auto poster(const bus_state& state);
};

} // namespace detail

/// Posts to a connection from any thread, and may outlive it. Copies are cheap.
class poster {
public:
    explicit poster(detail::mailbox* box) : box_{box} {
        if (box_) box_->ref();
    }
    poster(const poster& other) : poster{other.box_} {}
    poster(poster&& other) noexcept : box_{std::exchange(other.box_, nullptr)} {}
    poster& operator=(poster other) noexcept {
        detail::swap_values(box_, other.box_);
        return *this;
    }
    ~poster() {
        if (box_) box_->unref();
    }

    /// As connection::post().
    template <class F, class Style = error_style>
    bool post(F&& function) const {
        return detail::post_to<Style>(box_, std::forward<F>(function));
    }

private:
    detail::mailbox* box_;
};

template <class T>
auto detail::posting_needs_post_hpp<T>::poster(const bus_state& state) {
    auto* work = static_cast<loop_work*>(state.extension);
    return ctbus::poster{work ? work->box() : nullptr};
}

} // namespace ctbus
