// An object whose calls all come to one function, whatever their interface, member and arguments.
#pragma once

#include <ctbus/callback_mistakes.hpp>
#include <ctbus/connection.hpp>
#include <ctbus/dispatch.hpp>
#include <ctbus/export.hpp>
#include <ctbus/shape.hpp>

#include <concepts>
#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus {

/// An object and all that could be below it: `raw_object{bus, subtree{"/devices"}, callback}`.
struct subtree {
    object_path_view root;
};

// clang-format 14 does not know attributes with a reason.
// clang-format off
/// Hands every method call to the path `at` to `callback(call)`, which reads what the call holds
/// and answers with call.reply() or call.reply_error(). A call that it does not answer goes on: to
/// the objects exported on that path, and else to an UnknownMethod or UnknownObject error. Of a
/// subtree, the objects exported below its root come first; the callback gets what they do not
/// answer.
/// What the callback throws is answered as a handler's exception. Access rules do not apply to it:
/// `call.sender()` and the bus's policy are all that protects it.
/// `sd_bus_add_object`, `sd_bus_add_fallback`. May be destroyed inside its own callback.
class [[nodiscard("the object is there only as long as this lives")]] raw_object {
public:
    /// Throws what try_make() returns.
    template <class F, class Style = error_style>
    [[nodiscard("the object is there only as long as this lives")]]
    raw_object(const connection& bus, object_path_view at, F&& callback)
        : raw_object{or_throw<Style>(try_make(bus, at, std::forward<F>(callback)))} {}
    template <std::same_as<subtree> Subtree, class F, class Style = error_style>
    [[nodiscard("the object is there only as long as this lives")]]
    raw_object(const connection& bus, Subtree at, F&& callback)
        : raw_object{or_throw<Style>(try_make(bus, at, std::forward<F>(callback)))} {}
    /// The error is sd-bus's.
    template <class F, class Style = error_style>
    [[nodiscard("the object is there only as long as this lives")]]
    static result<raw_object> try_make(const connection& bus, object_path_view at, F&& callback) {
        return make<Style, &sd_bus_add_object>(bus, at, std::forward<F>(callback));
    }
    template <std::same_as<subtree> Subtree, class F, class Style = error_style>
    [[nodiscard("the object is there only as long as this lives")]]
    static result<raw_object> try_make(const connection& bus, Subtree at, F&& callback) {
        return make<Style, &sd_bus_add_fallback>(bus, at.root, std::forward<F>(callback));
    }
    /// Show that the connection has to live as long.
    template <class Path, class F>
    raw_object(connection&&, const Path&, F&&) {
        detail::on_a_temporary_connection<raw_object, F>();
    }
    template <class Path, class F>
    static auto try_make(connection&&, const Path&, F&&) {
        return detail::on_a_temporary_connection<raw_object, F>();
    }
    raw_object(raw_object&& other) noexcept : state_{std::exchange(other.state_, nullptr)} {}
    raw_object& operator=(raw_object&& other) noexcept {
        const raw_object gone{std::move(*this)};
        state_ = std::exchange(other.state_, nullptr);
        return *this;
    }
    ~raw_object() {
        if (!state_) return;
        state_->leave();
        if (state_->slot) detail::note_tree_change();
        sd_bus_slot_unref(std::exchange(state_->slot, nullptr));
        state_->gone = true;
        if (state_->running == 0) state_->end(state_);
    }

    /// The slot, or null where it was moved from.
    sd_bus_slot* get() const { return state_ ? state_->slot : nullptr; }

private:
    struct state : bus_part {
        bus_ref bus;
        sd_bus_slot* slot = nullptr;
        exported on; // for the trace: no interface, no rows, and not among the bus's objects
        void (*deliver)(state&, const message&) = nullptr;
        void (*end)(state*) = nullptr;
        object_path at;
        int running = 0;
        bool gone = false;
    };
    // Of a Style, as what it throws has no way through functions compiled without exceptions.
    template <class F, class Style>
    struct with_callback : state {
        F callback;
        explicit with_callback(F&& f) : callback{std::move(f)} { install(); }
        explicit with_callback(const F& f) : callback{f} { install(); }

    private:
        void install() {
            this->deliver = [](state& s, const message& call) {
                static_cast<with_callback&>(s).callback(call);
            };
            this->end = [](state* s) { delete static_cast<with_callback*>(s); };
        }
    };

    raw_object() = default;

    template <class Style, auto Add, class F>
    static result<raw_object> make(const connection& bus, object_path_view at, F&& callback) {
        using callable = std::decay_t<F>;
        constexpr mistake unfit = callback_mistake<callable>();
        static_assert(require::sentence<unfit, callable, raw_object>());
        raw_object made;
        if constexpr (unfit == mistake::none)
            made.state_ = new with_callback<callable, Style>{std::forward<F>(callback)};
        made.state_->bus = bus.state();
        made.state_->on.bus = made.state_->bus.get();
        made.state_->at = object_path{at};
        made.state_->restore = [](bus_part& part) {
            auto& s = static_cast<state&>(part);
            sd_bus_slot_unref(std::exchange(s.slot, nullptr));
            return Add(s.bus->bus, &s.slot, s.at.c_str(), &dispatch<Style>, &s);
        };
        const bool too_deep = detail::is_too_deep(at);
        const bool there = sd_bus_is_open(bus.get()) > 0 ||
                           (bus.state()->open && bus.state()->comes_back);
        const int r = too_deep ? -EINVAL : there ? made.state_->restore(*made.state_) : -ENOTCONN;
        if (r >= 0) made.state_->enter(bus.state()->parts);
        else return failure{detail::export_error(r, too_deep ? detail::too_deep : at.c_str(), "a raw object")};
        detail::note_tree_change();
        return made;
    }

    template <class F>
    static consteval mistake callback_mistake() {
        return detail::message_callback_mistake<F>();
    }

    template <class Style>
    static int dispatch(sd_bus_message* m, void* userdata, sd_bus_error*) {
        state& s = *static_cast<state*>(userdata);
        if (s.gone) return 0;
        ++s.running;
        int r = 1;
        {
            incoming call{m, s.on};
            call.watch = detail::begin_watch("", m);
#ifdef __cpp_exceptions
            try {
                s.deliver(s, message{m});
            } catch (...) {
                r = answer_exception(call);
            }
#else
            s.deliver(s, message{m});
#endif
            const bool answered = r < 0 || call.replied || !call.reply_failure.name().empty();
            if (answered) call.finish(std::exchange(r, 1));
            else if (r = sd_bus_message_rewind(m, 1); r > 0) r = 0; // it goes on
        }
        if (--s.running == 0 && s.gone) s.end(&s);
        return r;
    }

    state* state_ = nullptr;
};
// clang-format on

} // namespace ctbus
