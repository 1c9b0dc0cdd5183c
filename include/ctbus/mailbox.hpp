// What other threads want done by the thread of a connection: put in without a lock, taken in
// order.
#pragma once

#include <cerrno>
#include <cstdint>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace ctbus {

namespace detail {

/// One function that waits to be run.
struct posted_work {
    posted_work* next = nullptr;
    void (*end)(posted_work*, bool run) = nullptr; // runs it, or not, and destroys it
};

/// Shared by a connection and whoever posts to it; counted. Everything but take() and close() may
/// be called by any thread. (GCC's builtins, as <atomic> takes long to compile.)
class mailbox {
public:
    /// Null: `*r` says why.
    static mailbox* make(int* r) {
        const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (fd < 0) return *r = -errno, nullptr;
        return new mailbox{fd};
    }
    mailbox(const mailbox&) = delete;
    mailbox& operator=(const mailbox&) = delete;

    int fd() const { return fd_; }
    /// True when take() has something to do.
    const bool* woken() const { return &woken_; }
    void ref() { __atomic_add_fetch(&users_, 1, __ATOMIC_RELAXED); }
    void unref() {
        if (__atomic_sub_fetch(&users_, 1, __ATOMIC_ACQ_REL) == 0) delete this;
    }

    /// Takes `work` over, unless the connection is closed.
    bool put(posted_work* work) {
        posted_work* first = __atomic_load_n(&newest_, __ATOMIC_ACQUIRE);
        do {
            if (first == closed()) return false;
            work->next = first;
        } while (!__atomic_compare_exchange_n(&newest_, &first, work, true, __ATOMIC_ACQ_REL,
                                              __ATOMIC_ACQUIRE));
        // Who finds the box empty wakes the connection, which takes all that is there by then.
        if (!first) wake();
        return true;
    }
    void wake() {
        const std::uint64_t one = 1;
        static_cast<void>(::write(fd_, &one, sizeof one) == sizeof one);
        __atomic_store_n(&woken_, true, __ATOMIC_RELEASE); // spares take() a system call
    }

    /// All that was put in, the oldest first; null: nothing.
    posted_work* take() {
        if (!__atomic_exchange_n(&woken_, false, __ATOMIC_ACQUIRE)) return nullptr;
        std::uint64_t count = 0;
        static_cast<void>(::read(fd_, &count, sizeof count) == sizeof count);
        if (__atomic_load_n(&newest_, __ATOMIC_RELAXED) == closed()) return nullptr;
        return reversed(__atomic_exchange_n(&newest_, nullptr, __ATOMIC_ACQ_REL));
    }

    /// Nothing more gets in; what is there is destroyed and not run.
    void close() {
        posted_work* work = __atomic_exchange_n(&newest_, closed(), __ATOMIC_ACQ_REL);
        if (work == closed()) return;
        for (work = reversed(work); work;) {
            posted_work* next = work->next;
            work->end(work, false);
            work = next;
        }
    }

private:
    explicit mailbox(int fd) : fd_{fd} {}
    ~mailbox() { ::close(fd_); }

    static posted_work* closed() { return &end_; }
    static posted_work* reversed(posted_work* work) {
        posted_work* oldest = nullptr;
        while (work) {
            posted_work* next = std::exchange(work->next, oldest);
            oldest = work;
            work = next;
        }
        return oldest;
    }

    inline static constinit posted_work end_{}; // stands for "closed"; never touched
    posted_work* newest_ = nullptr;
    int users_ = 1;
    bool woken_ = false;
    int fd_;
};

} // namespace detail

} // namespace ctbus
