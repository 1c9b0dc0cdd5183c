// Signals as a stream that a coroutine reads: stream.next(), and the single next signal.
#pragma once

#include <ctbus/async_subscription.hpp>
#include <ctbus/loss.hpp>
#include <ctbus/task.hpp>

#include <cerrno>
#include <coroutine>
#include <cstdint>
#include <deque>
#include <systemd/sd-bus.h>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

/// What a stream is inside. It does not move, as its subscription refers to it.
template <class... Ts>
struct stream_state : loss_watch {
    std::deque<std::tuple<Ts...>> unread;
    std::size_t capacity;
    std::uint64_t dropped = 0;
    bool only_first = false;
    error why; // it has ended: nothing more will come
    std::coroutine_handle<> reader;
    bool* reading = nullptr; // what tells the reader that this is gone
    subscription heard;
    subscribing asking;

    explicit stream_state(std::size_t most) : capacity{most == 0 ? 1 : most} {
        lost = [](loss_watch& watch, const error& e) { static_cast<stream_state&>(watch).end(e); };
        goes_on = true;
    }
    stream_state(const stream_state&) = delete;
    stream_state& operator=(const stream_state&) = delete;
    ~stream_state() {
        if (reading) *reading = false;
        loss_watch::leave();
    }

    void put(Ts&&... values) {
        if (only_first && !unread.empty()) return;
        if (unread.size() == capacity) {
            unread.pop_front();
            ++dropped;
        }
        unread.emplace_back(std::move(values)...);
        wake();
    }
    void end(const error& e) {
        why = e;
        wake();
    }
    bool has_something() const { return !unread.empty() || !why.name().empty(); }

private:
    void wake() {
        if (reader) std::exchange(reader, nullptr).resume(); // which may destroy this
    }
};

} // namespace detail

/// Waits for what a stream has next, by `co_await`. The stream has to be there meanwhile.
template <class... Ts>
class [[nodiscard("co_await waits for the signal")]] next_signal {
public:
    using value_type = result<one_or_tuple<Ts...>>;

    explicit next_signal(detail::stream_state<Ts...> & of) : of_{of} {}

    auto operator co_await()&& {
        return awaiter{of_};
    }

private:
    struct awaiter {
        detail::stream_state<Ts...>& of;
        bool waits = false; // and `of` is there
        bool is_second = false;

        explicit awaiter(detail::stream_state<Ts...>& stream) : of{stream} {}
        awaiter(const awaiter&) = delete;
        awaiter& operator=(const awaiter&) = delete;
        ~awaiter() {
            if (!waits) return;
            of.reader = nullptr;
            of.reading = nullptr;
        }

        bool await_ready() const { return of.has_something(); }
        bool await_suspend(std::coroutine_handle<> reader) {
            if (of.reading) return is_second = true, false;
            of.reader = reader;
            of.reading = &waits;
            return waits = true;
        }
        value_type await_resume() {
            if (is_second)
                return failure{error::from_errno(EBUSY, "another coroutine reads this stream")};
            if (std::exchange(waits, false)) of.reading = nullptr;
            if (of.unread.empty()) return failure{of.why};
            std::tuple<Ts...> first = std::move(of.unread.front());
            of.unread.pop_front();
            if constexpr (sizeof...(Ts) == 0) return {};
            else if constexpr (sizeof...(Ts) == 1) return std::get<0>(std::move(first));
            else return first;
        }
    };

    detail::stream_state<Ts...>& of_;
};

/// The arguments of one signal, in the order in which they come. They are kept until they are read;
/// where there are `capacity` of them already, the oldest is dropped, and counted. To be read by
/// one coroutine at a time; has to outlive its waiting.
template <class... Ts>
class [[nodiscard("the signal is heard only as long as the stream lives")]] signal_stream {
public:
    /// For proxy::stream(): `prepare(state)` gives the pending_subscription that fills the stream.
    template <class Style, class Prepare>
    signal_stream(Style, const bus_ref& bus, std::size_t capacity, Prepare&& prepare)
        : state_{new detail::stream_state<Ts...>{capacity}} {
        auto* state = state_;
        if (const int r = detail::watch_loss(*bus, *state); r < 0) {
            state->why = error::from_errno(r, nullptr, "subscribing");
            return;
        }
        auto done = [state](result<subscription> made) {
            if (made) state->heard = *std::move(made);
            else state->end(made.error());
        };
        state->asking = prepare(*state).template then<decltype(done), Style>(std::move(done));
    }
    signal_stream(signal_stream && other) noexcept : state_{std::exchange(other.state_, nullptr)} {}
    signal_stream& operator=(signal_stream other) noexcept {
        detail::swap_values(state_, other.state_);
        return *this;
    }
    ~signal_stream() {
        delete state_;
    }

    /// The next one: `co_await` gives a result<T>, of no value, of one, or of a tuple. An error
    /// says that nothing more will come: the subscription failed, or the connection is lost.
    next_signal<Ts...> next() {
        return next_signal<Ts...>{*state_};
    }
    /// For proxy::next(): of several that come before it is read, it has the first.
    signal_stream only_first()&& {
        state_->only_first = true;
        return std::move(*this);
    }
    /// How many were dropped, as nobody had read them in time.
    std::uint64_t dropped() const {
        return state_->dropped;
    }

private:
    detail::stream_state<Ts...>* state_;
};

namespace detail {

template <class... Ts>
auto stream_of(type_list<Ts...>) -> signal_stream<owned_t<Ts>...>;

// What proxy::stream() and next() are made of; proxy.hpp only knows that it exists.
template <class I>
struct signal_streams_need_async_hpp {
    template <fixed_string Name>
    using signal = typename lookup<I, signal_tag, Name>::type;

    template <fixed_string Name>
    static consteval mistake find() {
        if constexpr (!I::is_right) return mistake::none;
        else if constexpr (!lookup<I, signal_tag, Name>::found) return mistake::unknown_signal;
        else // what is kept outlives the message
            return all_owned(typename signal<Name>::arguments{}) ? mistake::none
                                                                 : mistake::does_not_own;
    }
    template <fixed_string Name>
    static consteval bool judge() {
        return require::sentence<find<Name>(), member<Name>, I>();
    }

    template <fixed_string Name, class Style>
    static auto stream(const bus_ref& bus, const signal_filter& filter, std::size_t capacity) {
        static_assert(judge<Name>());
        if constexpr (!I::is_right || !lookup<I, signal_tag, Name>::found)
            return signal_stream<anything>{
                Style{}, bus, capacity, [](auto&) { return pending_subscription{subscription{}}; }};
        else {
            using stream = decltype(stream_of(typename signal<Name>::arguments{}));
            return stream{
                Style{}, bus, capacity, [&]<class... Ts>(stream_state<Ts...>& state) {
                    return pending_subscription{prepare_subscription<I, Name, Style>(
                        bus, [&state](Ts... values) { state.put(std::move(values)...); }, filter)};
                }};
        }
    }

    template <fixed_string Name, class Style>
    static auto next(const bus_ref& bus, const signal_filter& filter) {
        return read_one<Style>(stream<Name, Style>(bus, filter, 1).only_first());
    }

private:
    template <class Style, class... Ts>
    static task<typename next_signal<Ts...>::value_type> read_one(signal_stream<Ts...> stream) {
        co_return co_await stream.next();
    }
};

} // namespace detail

} // namespace ctbus
