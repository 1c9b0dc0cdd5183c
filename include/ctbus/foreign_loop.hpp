// For loops that sleep without asking first: tells them that what a connection waits for changed.
#pragma once

#include <systemd/sd-bus.h>

namespace ctbus {

namespace detail {

/// One connection in a loop that cannot look at poll_data() each time before it sleeps. Lives as
/// long as the loop runs the connection, in one thread.
struct foreign_loop {
    inline static constinit int count = 0; // in all threads; only whether it is 0 matters here
    inline static constinit thread_local foreign_loop* first = nullptr;

    sd_bus* bus;
    void (*changed)(foreign_loop&);
    foreign_loop* next = nullptr;

    foreign_loop(sd_bus* b, void (*f)(foreign_loop&)) : bus{b}, changed{f}, next{first} {
        first = this;
        __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
    }
    foreign_loop(const foreign_loop&) = delete;
    foreign_loop& operator=(const foreign_loop&) = delete;
    ~foreign_loop() {
        foreign_loop** at = &first;
        while (*at && *at != this) at = &(*at)->next;
        if (*at) *at = next;
        __atomic_sub_fetch(&count, 1, __ATOMIC_RELAXED);
    }

    /// Something was queued or read, or a timeout begins: poll_data() may be another; or the
    /// connection was closed. Null: that of any connection.
    static void interest_changed(sd_bus* bus) {
        if (__atomic_load_n(&count, __ATOMIC_RELAXED) != 0) [[unlikely]] // any()
            tell(bus);
    }
    /// Whether somebody is to be told.
    static bool any() { return __atomic_load_n(&count, __ATOMIC_RELAXED) != 0; }

private:
    [[gnu::cold, gnu::noinline]] static void tell(sd_bus* bus) {
        for (foreign_loop *loop = first, *next; loop; loop = next) {
            next = loop->next; // it may end itself
            if (loop->bus == bus || !bus) loop->changed(*loop);
        }
    }
};

} // namespace detail

} // namespace ctbus
