// Running one connection: process what came, wait for more, stop.
#pragma once

#include <ctbus/bus_state.hpp>
#include <ctbus/duration.hpp>
#include <ctbus/foreign_loop.hpp>
#include <ctbus/hang_up.hpp>
#include <ctbus/report.hpp>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdint>
#include <initializer_list>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

namespace ctbus {

/// What a foreign event loop needs to wait in the connection's place: poll `fd` for `events` (as
/// poll(2)) until `timeout` (CLOCK_MONOTONIC, microseconds; UINT64_MAX: none), then process().
struct poll_data {
    int fd;
    short events;
    std::uint64_t timeout;

    /// How long that is from now, as poll(2) takes it: rounded up, -1 for no limit.
    int milliseconds() const {
        if (timeout == UINT64_MAX) return -1;
        const std::uint64_t time = detail::now();
        const std::uint64_t left = timeout > time ? (timeout - time + 999) / 1000 : 0;
        return left < INT_MAX ? static_cast<int>(left) : INT_MAX;
    }
};

namespace detail {

[[gnu::cold, gnu::noinline]] inline error loop_error(int r, const char* what) {
    const bool lost = r == -ECONNRESET || r == -ENOTCONN || r == -EPIPE;
    return error::from_errno(
        r,
        lost          ? "the connection is lost"
        : r == -EBUSY ? "this would wait for itself: a handler of this connection is running"
                      : "",
        what);
}

/// What to wait for, but for what other threads post.
inline int get_poll_data(bus_state& state, poll_data& data) {
    data = {-1, 0, UINT64_MAX};
    if (!state.extension || !state.extension->away) {
        int r = sd_bus_get_fd(state.bus);
        if (r < 0) return r;
        data.fd = r;
        if ((r = sd_bus_get_events(state.bus)) < 0) return r;
        data.events = static_cast<short>(r);
        if ((r = sd_bus_get_timeout(state.bus, &data.timeout)) < 0) return r;
    }
    if (state.extension && state.extension->deadline < data.timeout)
        data.timeout = state.extension->deadline;
    return 0;
}

/// The same for foreign loops: what other threads post makes `fd` readable too.
inline int get_foreign_poll_data(bus_state& state, poll_data& data) {
    int r = get_poll_data(state, data);
    if (r < 0 || !state.extension || state.extension->joined_fd < 0) return r;
    if ((r = state.extension->join(*state.extension, data.fd, data.events)) < 0) return r;
    data.fd = state.extension->joined_fd;
    data.events = POLLIN;
    return 0;
}

/// Waits until there is something to process (1), or `other` (may be -1) is ready (2), or `limit`
/// microseconds are over (0).
inline int wait_for(bus_state& state, int other, std::uint64_t limit) {
    poll_data data{};
    if (const int r = get_poll_data(state, data); r < 0) return r;
    bool due = false;
    if (data.timeout != UINT64_MAX) {
        const std::uint64_t time = now();
        const std::uint64_t left = data.timeout > time ? data.timeout - time : 0;
        if (left <= limit) limit = left, due = true;
    }
    pollfd fds[] = {{data.fd, data.events, 0},
                    {other, POLLIN, 0},
                    {state.extension ? state.extension->wake_fd : -1, POLLIN, 0}};
    // What a time_t of 32 bits has no room for is waited for in parts.
    const std::uint64_t seconds = limit / 1'000'000;
    const timespec patience = {static_cast<time_t>(seconds < INT_MAX ? seconds : INT_MAX),
                               static_cast<long>(limit % 1'000'000 * 1000)};
    const int r = ::ppoll(fds, 3, limit == UINT64_MAX ? nullptr : &patience, nullptr);
    if (r < 0) return errno == EINTR ? 0 : -errno;
    if (fds[1].revents != 0) return 2;
    return r > 0 || due ? 1 : 0;
}

/// The same without `other`, for a bus that has nothing but messages (`sd_bus_wait`).
inline int wait_for_messages(bus_state& state, int, std::uint64_t limit) {
    const int r = sd_bus_wait(state.bus, limit);
    return r == -EINTR ? 0 : r;
}

/// After `r` from sd_bus_process(), which may have closed or lost the bus: a message that cannot be
/// read is reported and dropped. Where that reads nothing again and again, the stream itself is
/// broken.
[[gnu::cold, gnu::noinline]] inline int drop_unreadable(bus_state& state, int r) {
    if (!state.open) return -ENOTCONN;
    if (state.extension && state.extension->away) return 1;
    // More descriptors came than the process may have, and bytes of that message are lost: what is
    // read next would be no message. So the bus is lost, as if the other end had gone.
    if (r == -EXFULL) return hang_up(state.bus, SHUT_RDWR, UINT64_MAX), 1;
    if (r != -EBADMSG && r != -ENXIO && r != -EINVAL) return r;
    // What cannot be asked counts as none: a closed bus fails at sd_bus_process() again.
    int waiting = 0;
    ::ioctl(sd_bus_get_fd(state.bus), FIONREAD, &waiting);
    // More may have come meanwhile than was dropped, so that only many in a row mean a broken
    // stream.
    const bool stuck = state.unreadable != 0 && waiting >= state.waiting;
    state.waiting = waiting;
    if (!stuck) {
        state.unreadable = 1;
        report(r, "a message that cannot be read was dropped");
    } else if (++state.unreadable > 100'000) {
        return r;
    }
    return 1;
}

/// Handles one message (`sd_bus_process`); none from a peer makes it fail. Whoever calls it is in a
/// running_here, which makes `heard` what it was, if the next message or other work does not.
[[gnu::always_inline]] inline int process_message(bus_state& state) {
    state.heard = &bus_state::nothing_known;
    const int r = sd_bus_process(state.bus, nullptr);
    if (r < 0) [[unlikely]]
        return drop_unreadable(state, r);
    state.unreadable = 0;
    return r;
}
/// The same where there is something else to do, too.
inline bool has_more_to_do(const bus_state& state) {
    return state.extension && !state.extension->is_idle();
}
[[gnu::cold, gnu::noinline]] inline int process_more(bus_state& state) {
    state.heard = nullptr;
    const bool worked = state.extension->run(state);
    if (state.extension->away) return worked;
    const int r = process_message(state);
    return r < 0 ? r : r | static_cast<int>(worked);
}
/// One step of a loop.
[[gnu::always_inline]] inline int process_step(bus_state& state) {
    if (has_more_to_do(state)) [[unlikely]]
        return process_more(state);
    return process_message(state);
}

/// The same, for who is not in a loop that runs the connection already.
[[gnu::noinline]] inline int process_one(bus_state& state) noexcept {
    const running_here here{state};
    if (!state.open) [[unlikely]]
        return has_more_to_do(state) ? process_more(state) : -ENOTCONN;
    const int r = process_step(state);
    return r == -ENOTCONN && !state.open ? 1 : r; // closed by what it did
}

/// Processes and waits until stop() (0), until `other` is readable or `*ended` (1), or an error.
/// `wait`: how, where there is nothing but messages to wait for.
[[gnu::noinline]] inline int run_loop(bus_state& state, int other, const bool* ended = nullptr,
                                      loop_extension::waiter wait = &wait_for) noexcept {
    if (!state.open && !state.is_stopped()) return -ENOTCONN;
    const running_here here{state};
    // In a handler it cannot run, and a stop() is for the loop around that.
    if (state.heard) return -EBUSY;
    for (unsigned handled = 0; !state.is_stopped();) {
        if (ended && *ended) return 1;
        int r = process_step(state);
        std::uint64_t limit = UINT64_MAX;
        if (r > 0) { // drain what is queued first, but look at `other` now and then
            if (other < 0 || ++handled % 64 != 0) continue;
            limit = 0;
        }
        // (Stopped since it was asked above, its wake may have been taken already.)
        if (r > 0 || (r == 0 && !(ended && *ended) && !state.is_stopped())) {
            if (state.extension) wait = state.extension->wait;
            r = wait(state, other, limit);
        }
        if (r == 2) return 1;
        if (r < 0) {
            if (!state.open) break; // closed by one of its own handlers
            return r;
        }
    }
    __atomic_store_n(&state.stopped, false, __ATOMIC_RELAXED);
    return 0;
}

[[gnu::cold, gnu::noinline]] inline error run(bus_state& state) noexcept {
    const bus_ref keep{&state};
    const int r = run_loop(state, -1, nullptr, &wait_for_messages);
    return r < 0 ? loop_error(r, "run") : error{};
}

/// Blocks signals and offers them as a file descriptor; undone when it goes.
class signal_fd {
public:
    explicit signal_fd(std::initializer_list<int> numbers) {
        sigset_t wanted;
        sigemptyset(&wanted);
        for (int s : numbers) sigaddset(&wanted, s);
        ::pthread_sigmask(SIG_BLOCK, &wanted, &before_);
        fd_ = ::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
    }
    signal_fd(const signal_fd&) = delete;
    signal_fd& operator=(const signal_fd&) = delete;
    ~signal_fd() {
        if (fd_ >= 0) ::close(fd_);
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    int get() const { return fd_; }
    /// The signal that came, or 0.
    int take() const {
        signalfd_siginfo info{};
        return ::read(fd_, &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo)
                                                              : 0;
    }

private:
    sigset_t before_{};
    int fd_ = -1;
};

// For sd-bus, as its filter: nobody else sees a message.
[[gnu::cold]] inline int drop_message(sd_bus_message*, void*, sd_bus_error*) {
    return 1;
}

/// Sends what is queued, and waits until the bus has read it, for at most a second in all: a bus
/// that finds a connection gone while it writes to it drops what it has not read from it yet. What
/// comes in meanwhile is dropped: the connection is about to close.
[[gnu::cold, gnu::noinline]] inline void send_what_is_queued(sd_bus* bus) noexcept {
    const std::uint64_t end = now() + 1'000'000;
    std::uint64_t queued = 0, time = 0;
    bool dropping = false;
    while (sd_bus_get_n_queued_write(bus, &queued) >= 0 && queued != 0 && (time = now()) < end) {
        if (!dropping && sd_bus_add_filter(bus, nullptr, &drop_message, nullptr) < 0) break;
        dropping = true;
        int r = sd_bus_process(bus, nullptr);
        if (r == 0) r = sd_bus_wait(bus, end - time);
        if (r < 0 && r != -EINTR) break; // inside a handler (-EBUSY) nothing can be awaited
    }
    if (sd_bus_is_bus_client(bus) > 0) hang_up(bus, SHUT_WR, end);
}

/// Closes a connection; what was made from it lives on, and fails.
[[gnu::cold, gnu::noinline]] inline void close_bus(bus_state& state) noexcept {
    if (!state.borrowed) {
        state.open = false;    // before all else: what is answered meanwhile is for nobody any more
        state.heard = nullptr; // nor what is being heard
        if (sd_bus_is_open(state.bus) > 0) send_what_is_queued(state.bus);
        sd_bus_close(state.bus);
    }
    if (state.extension) state.extension->close(*state.extension);
    foreign_loop::interest_changed(state.bus); // there is none any more
    detached_work::lose_all(state.detached);
}

} // namespace detail

} // namespace ctbus
