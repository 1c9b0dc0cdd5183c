// What a connection's loop does besides messages: timers, and what other threads post.
#pragma once

#include <ctbus/bus_state.hpp>
#include <ctbus/foreign_loop.hpp>
#include <ctbus/loop.hpp>
#include <ctbus/mailbox.hpp>
#include <ctbus/report.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <sys/epoll.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace ctbus {

namespace detail {

/// A moment to come. It does not move while it is armed.
struct timer_node {
    std::uint64_t when = 0;             // as now()
    std::size_t place = 0;              // in the heap, from 1; 0: not armed
    void (*due)(timer_node&) = nullptr; // it is not armed any more then
};

class loop_work : public loop_extension {
public:
    /// That of `state`, made if there is none.
    static loop_work& of(bus_state& state) {
        if (!state.extension) {
            state.extension = new loop_work{state};
            if (sd_event* event = sd_bus_get_event(state.bus))
                if (const int r = attach_to(state, event, SD_EVENT_PRIORITY_NORMAL); r < 0)
                    report(r, "the event loop does not take timers");
        }
        return static_cast<loop_work&>(*state.extension);
    }
    loop_work(const loop_work&) = delete;
    loop_work& operator=(const loop_work&) = delete;

    void arm(timer_node& timer, std::uint64_t when) {
        state_.check_thread();
        disarm(timer);
        timer.when = when;
        timers_.push_back(&timer);
        busy = true;
        rise(timers_.size());
        deadline_changed();
    }
    void disarm(timer_node& timer) {
        if (timer.place == 0) return;
        state_.check_thread();
        const std::size_t hole = std::exchange(timer.place, 0);
        timer_node* last = timers_.back();
        timers_.pop_back();
        if (last != &timer) {
            put(hole, last);
            rise(hole);
            sink(last->place);
        }
        deadline_changed();
    }

    /// `other` goes on in the place of `timer`.
    void replace(timer_node& timer, timer_node& other) {
        other.when = timer.when;
        put(std::exchange(timer.place, 0), &other);
    }

    /// Where other threads post; null where that is not wanted.
    mailbox* box() const { return box_; }
    /// Lets other threads post from now on; negative: an errno.
    int open_box() {
        if (box_) return 0;
        int r = 0;
        if (!(box_ = mailbox::make(&r))) return r;
        wake_fd = box_->fd();
        woken = box_->woken();
        if (event_ && (r = wake_event()) < 0) return r;
        return join_up();
    }

    /// Gives foreign loops one descriptor for everything, which stays the same.
    int join_up() {
        if (joined_fd < 0 && (joined_fd = ::epoll_create1(EPOLL_CLOEXEC)) < 0) return -errno;
        if (wake_fd < 0 || wake_joined_) return 0;
        epoll_event wanted{};
        wanted.events = EPOLLIN;
        if (::epoll_ctl(joined_fd, EPOLL_CTL_ADD, wake_fd, &wanted) < 0) return -errno;
        wake_joined_ = true;
        return 0;
    }
    /// The bus was replaced; its descriptor went with it.
    void bus_replaced() { joined_bus_ = -1; }

    sd_event* event() const { return event_; }
    std::int64_t priority() const { return priority_; }

private:
    explicit loop_work(bus_state& state) : state_{state} {
        loop_extension::run = &run_due;
        loop_extension::wait = &wait_for;
        loop_extension::join = &join_bus;
        loop_extension::attach = &attach_to;
        loop_extension::wake = [](loop_extension& e) {
            if (mailbox* box = static_cast<loop_work&>(e).box_) box->wake();
        };
        loop_extension::close = [](loop_extension& e) {
            auto& work = static_cast<loop_work&>(e);
            if (work.box_) work.box_->close();
            if (work.state_.borrowed) return;
            work.leave_event();
            work.away = false; // nor will it be opened again
        };
        loop_extension::destroy = [](loop_extension* e) { delete static_cast<loop_work*>(e); };
    }
    ~loop_work() {
        for (timer_node* t : timers_) t->place = 0;
        leave_event();
        if (box_) {
            box_->close();
            box_->unref();
        }
        if (joined_fd >= 0) ::close(joined_fd);
    }

    // What is due now. What that arms or posts waits for the next time, so that messages get their
    // turn.
    static bool run_due(bus_state& state) {
        auto& work = static_cast<loop_work&>(*state.extension);
        bool worked = false;
        if (work.box_) {
            if (!work.taken_) work.taken_ = work.box_->take();
            for (; posted_work* first = work.taken_; worked = true) {
                work.taken_ = first->next;
                work.busy = true; // for a loop inside it, which goes on with the next
                first->end(first, state.open);
            }
        }
        work.busy = work.away || !work.timers_.empty();
        if (work.timers_.empty() || !state.open) return worked;
        const std::uint64_t time = now();
        while (!work.timers_.empty() && work.timers_.front()->when <= time && state.open) {
            timer_node& first = *work.timers_.front();
            work.disarm(first);
            first.due(first);
            worked = true;
        }
        return worked;
    }

    // ---- a binary heap, the earliest first ----

    void put(std::size_t place, timer_node* timer) {
        timers_[place - 1] = timer;
        timer->place = place;
    }
    void rise(std::size_t place) {
        timer_node* timer = timers_[place - 1];
        for (; place > 1 && timer->when < timers_[place / 2 - 1]->when; place /= 2)
            put(place, timers_[place / 2 - 1]);
        put(place, timer);
    }
    void sink(std::size_t place) {
        timer_node* timer = timers_[place - 1];
        for (std::size_t child = 2 * place; child <= timers_.size(); child = 2 * place) {
            if (child < timers_.size() && timers_[child]->when < timers_[child - 1]->when) ++child;
            if (timers_[child - 1]->when >= timer->when) break;
            put(place, timers_[child - 1]);
            place = child;
        }
        put(place, timer);
    }
    void deadline_changed() {
        const std::uint64_t first = timers_.empty() ? UINT64_MAX : timers_.front()->when;
        if (first == deadline) return;
        deadline = first;
        if (event_) arm_event();
        foreign_loop::interest_changed(state_.bus);
    }

    // ---- foreign loops: one descriptor for the bus and the mailbox ----

    static int join_bus(loop_extension& e, int fd, short events) {
        auto& work = static_cast<loop_work&>(e);
        if (fd == work.joined_bus_ && events == work.joined_events_) return 0;
        if (work.joined_bus_ >= 0 && fd != work.joined_bus_)
            ::epoll_ctl(work.joined_fd, EPOLL_CTL_DEL, work.joined_bus_, nullptr); // may be closed
        epoll_event wanted{};
        wanted.events = static_cast<std::uint32_t>(events); // poll's and epoll's are the same
        const int how = fd == work.joined_bus_ ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
        if (fd >= 0 && ::epoll_ctl(work.joined_fd, how, fd, &wanted) < 0) return -errno;
        work.joined_bus_ = fd;
        work.joined_events_ = events;
        return 0;
    }

    // ---- sd-event: sources of our own beside sd-bus's ----

    static int attach_to(bus_state& state, sd_event* event, std::int64_t priority) {
        auto& work = static_cast<loop_work&>(*state.extension);
        work.leave_event();
        work.event_ = sd_event_ref(event);
        work.priority_ = priority;
        if (const int r = work.wake_fd >= 0 ? work.wake_event() : 0; r < 0) return r;
        return work.arm_event();
    }
    int wake_event() {
        const auto posted = [](sd_event_source*, int, std::uint32_t, void* userdata) {
            return dispatch(userdata);
        };
        const int r = sd_event_add_io(event_, &wake_source_, wake_fd, EPOLLIN, posted, &state_);
        return r < 0 ? r : sd_event_source_set_priority(wake_source_, priority_);
    }
    int arm_event() {
        const auto due = [](sd_event_source*, std::uint64_t, void* userdata) {
            return dispatch(userdata);
        };
        if (!time_source_) {
            if (deadline == UINT64_MAX) return 0;
            const int r = sd_event_add_time(event_, &time_source_, CLOCK_MONOTONIC, deadline, 1,
                                            due, &state_);
            return r < 0 ? r : sd_event_source_set_priority(time_source_, priority_);
        }
        if (deadline == UINT64_MAX) return sd_event_source_set_enabled(time_source_, SD_EVENT_OFF);
        const int r = sd_event_source_set_time(time_source_, deadline);
        return r < 0 ? r : sd_event_source_set_enabled(time_source_, SD_EVENT_ONESHOT);
    }
    static int dispatch(void* userdata) {
        const bus_ref keep{static_cast<bus_state*>(userdata)};
        const running_here here{*keep};
        keep->extension->run(*keep);
        // What is due already, as its timer was armed meanwhile, has its turn in the next round.
        auto& work = static_cast<loop_work&>(*keep->extension);
        if (work.event_ && work.time_source_) work.arm_event();
        return 0;
    }
    void leave_event() {
        wake_source_ = sd_event_source_disable_unref(wake_source_);
        time_source_ = sd_event_source_disable_unref(time_source_);
        event_ = sd_event_unref(event_);
    }

    bus_state& state_;
    std::vector<timer_node*> timers_;
    mailbox* box_ = nullptr;
    posted_work* taken_ = nullptr; // out of it; a loop inside one of them goes on with the next
    bool wake_joined_ = false;
    int joined_bus_ = -1;
    short joined_events_ = 0;
    sd_event* event_ = nullptr;
    std::int64_t priority_ = SD_EVENT_PRIORITY_NORMAL;
    sd_event_source* wake_source_ = nullptr;
    sd_event_source* time_source_ = nullptr;
};

} // namespace detail

} // namespace ctbus
