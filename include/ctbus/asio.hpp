// Running a connection in an io_context, of Asio or of Boost.Asio: asio_loop.
#pragma once

#include <ctbus/connection.hpp>
#include <ctbus/foreign_loop.hpp>
#include <ctbus/foreign_turns.hpp>
#include <ctbus/loop.hpp>
#include <ctbus/loop_work.hpp>

#include <cerrno>
#include <chrono> // the clock of Asio's timers
#include <concepts>
#include <cstdint>
#include <exception> // for Asio 1.22 and Boost 1.74, which forget it
#include <memory>    // what Asio holds shares the runner
#include <optional>
#include <type_traits>
#include <utility>

namespace ctbus::detail {

/// What asio_loop needs of the library that an executor is of.
template <class Executor>
struct asio_of;

} // namespace ctbus::detail

// Which library: the one that was included before this header, or both if both were; where none
// was, the one that is installed, and of two Asio without Boost.
// clang-format off
#if defined(ASIO_DETAIL_CONFIG_HPP) || \
    (!defined(BOOST_ASIO_DETAIL_CONFIG_HPP) && __has_include(<asio/io_context.hpp>))
// clang-format on
#include <asio/basic_waitable_timer.hpp>
#include <asio/execution.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/basic_stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/query.hpp>

template <class Executor>
    requires requires(const Executor& e) {
        {
            asio::query(e, asio::execution::context)
            } -> std::convertible_to<asio::execution_context&>;
    }
struct ctbus::detail::asio_of<Executor> {
    using error_code = asio::error_code;
    using descriptor = asio::posix::basic_stream_descriptor<Executor>;
    using clock = std::chrono::steady_clock;
    using timer = asio::basic_waitable_timer<clock, asio::wait_traits<clock>, Executor>;
    template <class F>
    static void post(const Executor& executor, F&& function) {
        asio::post(executor, std::forward<F>(function));
    }
};
#endif

#if defined(BOOST_ASIO_DETAIL_CONFIG_HPP) || !__has_include(<asio/io_context.hpp>)
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>

template <class Executor>
    requires requires(const Executor& e) {
        {
            boost::asio::query(e, boost::asio::execution::context)
            } -> std::convertible_to<boost::asio::execution_context&>;
    }
struct ctbus::detail::asio_of<Executor> {
    using error_code = boost::system::error_code;
    using descriptor = boost::asio::posix::basic_stream_descriptor<Executor>;
    using clock = std::chrono::steady_clock;
    using timer =
        boost::asio::basic_waitable_timer<clock, boost::asio::wait_traits<clock>, Executor>;
    template <class F>
    static void post(const Executor& executor, F&& function) {
        boost::asio::post(executor, std::forward<F>(function));
    }
};
#endif

namespace ctbus {

namespace detail {

/// What waits and works for an asio_loop. Handlers that Asio still holds share it, and find it
/// stopped when the loop is gone.
class asio_runner {
public:
    asio_runner() = default;
    asio_runner(const asio_runner&) = delete;
    asio_runner& operator=(const asio_runner&) = delete;
    virtual ~asio_runner() = default;
    virtual void stop() = 0;
    bool stopped() const { return stopped_; }

protected:
    bool stopped_ = false;
};

/// Waits on one descriptor that stays the same, whatever becomes of the bus's own: it belongs to
/// the connection, and is readable where there is something to do.
template <class Executor>
class asio_runner_on : public asio_runner,
                       public std::enable_shared_from_this<asio_runner_on<Executor>> {
    using library = asio_of<Executor>;

public:
    asio_runner_on(const bus_ref& bus, const Executor& executor, loop_end&& end)
        : bus_{bus}, end_{std::move(end)}, executor_{executor}, watch_{executor}, timer_{executor} {
    }

    int start() {
        poll_data wanted{};
        loop_work& work = loop_work::of(*bus_);
        int r = work.join_up();
        if (r < 0 || (r = get_foreign_poll_data(*bus_, wanted)) < 0) return r;
        typename library::error_code failed;
        watch_.assign(wanted.fd, failed);
        if (failed) return -failed.value();
        look_later();
        return 0;
    }
    void stop() override {
        if (std::exchange(stopped_, true)) return;
        told_.reset();
        timer_.cancel();
        if (watch_.is_open()) watch_.release(); // which cancels, and does not close
        end_ = {};
        bus_ = {};
    }

private:
    struct listener : foreign_loop {
        asio_runner_on& runner;
        explicit listener(asio_runner_on& r)
            : foreign_loop{r.bus_->bus,
                           [](foreign_loop& l) { static_cast<listener&>(l).runner.changed(); }},
              runner{r} {}
    };

    // The io_context may be asleep by the time that it matters, so that it has to be woken.
    void changed() {
        if (!bus_->open) stop();
        else if (!working_) look_later();
    }
    void look_later() {
        if (std::exchange(posted_, true)) return;
        library::post(executor_, [self = this->shared_from_this()] {
            self->posted_ = false;
            if (self->stopped_ || self->working_) return;
            // Here, and not in start(), as only now this is certainly the thread that runs it.
            if (!self->told_) self->told_.emplace(*self);
            if (!self->wait()) self->work();
        });
    }
    // False: there is something to do now.
    bool wait() {
        poll_data wanted{};
        if (const int r = get_foreign_poll_data(*bus_, wanted); r < 0) return lost(r), true;
        if (told_) told_->bus = bus_->bus; // it may have been opened again
        if (wanted.timeout <= now()) return false;
        if (!std::exchange(waiting_, true))
            watch_.async_wait(library::descriptor::wait_read,
                              [self = this->shared_from_this()](const auto& failed) {
                                  self->waiting_ = false;
                                  if (self->stopped_ || self->working_) return;
                                  if (failed) self->lost(-failed.value());
                                  else self->work();
                              });
        if (wanted.timeout != due_) set_timer(wanted.timeout);
        return true;
    }
    void set_timer(std::uint64_t time) {
        due_ = time;
        if (time == UINT64_MAX) {
            timer_.cancel();
            return;
        }
        // steady_clock is CLOCK_MONOTONIC; its nanoseconds do not reach as far as sd-bus's time.
        constexpr auto last = static_cast<std::uint64_t>(INT64_MAX / 1000);
        const std::chrono::microseconds when{time < last ? time : last};
        timer_.expires_at(typename library::clock::time_point{when});
        timer_.async_wait([self = this->shared_from_this()](const auto& failed) {
            if (failed || self->stopped_ || self->working_) return;
            self->due_ = UINT64_MAX;
            self->work();
        });
    }
    // The caller holds a share of this: what the handlers of the connection do may stop it.
    void work() {
        const bus_ref bus = bus_;
        working_ = true;
        const int r = process_some(*bus, [&] { return !stopped_; });
        working_ = false;
        if (stopped_) return;
        if (r < 0) lost(r);
        else if (r > 0 || !wait()) look_later();
    }
    void lost(int r) {
        const bool closed_here = !bus_->open;
        loop_end end = std::move(end_);
        stop();
        if (!closed_here) end.tell(loop_error(r, "asio_loop"));
    }

    bus_ref bus_;
    loop_end end_;
    Executor executor_;
    typename library::descriptor watch_;
    typename library::timer timer_;
    std::optional<listener> told_;
    std::uint64_t due_ = UINT64_MAX; // what the timer waits for
    bool posted_ = false;
    bool waiting_ = false;
    bool working_ = false;
};

template <class Where>
decltype(auto) executor_of(Where& where) {
    if constexpr (requires { where.get_executor(); }) return where.get_executor();
    else return (where);
}

} // namespace detail

// clang-format 14 does not know attributes with a reason.
// clang-format off
/// Lets an io_context of Asio or of Boost.Asio run a connection, for as long as this lives. Include
/// the library before this header. One thread has to run the io_context: the connection's; the
/// loop is destroyed there too, or when nothing runs any more, and before the io_context. It may
/// go at any moment, also while one of the connection's handlers runs; the connection may be closed
/// at any moment, which ends this. While the connection is there, io_context::run() does not
/// return by itself. (Asio up to 1.22 cannot do without RTTI.)
class [[nodiscard("the loop runs the connection only as long as this lives")]] asio_loop {
public:
    /// In an io_context, or whatever else has an executor, or an executor. `lost(error)` is called,
    /// once, when the connection is lost; without it, the report handler is. Throws ENOTCONN where
    /// the connection is closed, EEXIST where it is in this io_context already.
    template <class Where, class F = detail::no_callback, class Style = error_style>
    [[nodiscard("the loop runs the connection only as long as this lives")]]
    asio_loop(const connection& bus, Where&& where, F lost = {})
        : asio_loop{or_throw<Style>(
              try_make<Style>(bus, std::forward<Where>(where), std::move(lost)))} {}
    template <class Style = error_style, class Where, class F = detail::no_callback>
    [[nodiscard("the loop runs the connection only as long as this lives")]]
    static result<asio_loop> try_make(const connection& bus, Where&& where, F lost = {}) {
        using executor = std::decay_t<decltype(detail::executor_of(where))>;
        static_assert(requires { sizeof(detail::asio_of<executor>); },
                      "ctbus: this is no executor of an io_context: include <asio.hpp> or "
                      "<boost/asio.hpp>, whichever it is of, before <ctbus/asio.hpp>");
        static_assert(std::is_lvalue_reference_v<Where> ||
                          !requires { where.get_executor(); },
                      "ctbus: the io_context has to outlive the loop: give it a name, a temporary is "
                      "gone at once");
        auto runner = std::make_shared<detail::asio_runner_on<executor>>(
            bus.state(), detail::executor_of(where), detail::make_loop_end<Style>(std::move(lost)));
        if (const int r = runner->start(); r < 0) {
            runner->stop();
            return failure{detail::loop_error(r, "asio_loop")};
        }
        return asio_loop{std::move(runner)};
    }
    /// Show that the connection has to live as long.
    template <class Where, class... F>
    asio_loop(connection&&, Where&&, F&&...) {
        detail::on_a_temporary_connection<asio_loop, Where>();
    }
    template <class Where, class... F>
    static auto try_make(connection&&, Where&&, F&&...) {
        return detail::on_a_temporary_connection<asio_loop, Where>();
    }
    asio_loop(asio_loop&& other) noexcept = default;
    asio_loop& operator=(asio_loop&& other) noexcept {
        const asio_loop gone{std::move(*this)};
        runner_ = std::move(other.runner_);
        return *this;
    }
    ~asio_loop() {
        if (runner_) runner_->stop();
    }

    /// Whether the connection is still run: it is neither lost nor closed.
    explicit operator bool() const { return runner_ && !runner_->stopped(); }

private:
    explicit asio_loop(std::shared_ptr<detail::asio_runner> runner) : runner_{std::move(runner)} {}

    std::shared_ptr<detail::asio_runner> runner_;
};
// clang-format on

} // namespace ctbus
