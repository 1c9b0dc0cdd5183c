// Memory for the frames of coroutines: each thread keeps some of it for those that follow.
#pragma once

#include <ctbus/spare_node.hpp>

#include <cstddef>
#include <new>

namespace ctbus::detail {

/// The frames that ended in this thread: at most 16 of each size, and none that is over 1 KiB. A
/// frame may end in another thread than it began in.
struct task_frames {
    static void* take(std::size_t bytes) {
        const std::size_t n = list_of(bytes);
        if (n >= lists) return ::operator new(bytes);
        spare_node* const first = kept.first[n];
        if (!first) return ::operator new(size_of(n));
        first->unpoison(size_of(n));
        kept.first[n] = first->next;
        --kept.count[n];
        return first;
    }
    static void give(void* frame, std::size_t bytes) noexcept {
        const std::size_t n = list_of(bytes);
        if (n >= lists || kept.count[n] == most || kept.until == end::over)
            return ::operator delete(frame);
        if (kept.until == end::unknown) [[unlikely]]
            clean_at_end();
        kept.first[n] = ::new (frame) spare_node{kept.first[n]};
        kept.first[n]->poison(size_of(n));
        ++kept.count[n];
    }

private:
    static constexpr std::size_t step = 128, lists = 8;
    static constexpr unsigned char most = 16;
    static constexpr std::size_t list_of(std::size_t bytes) { return (bytes - 1) / step; }
    static constexpr std::size_t size_of(std::size_t n) { return (n + 1) * step; }

    enum class end : unsigned char { unknown, known, over };
    struct all {
        spare_node* first[lists];
        unsigned char count[lists];
        end until;
    };
    // Without a constructor or a destructor, so that it is reached without asking whether it is
    // there already, and still there for tasks that end after it.
    static constinit thread_local all kept;

    struct cleaner {
        ~cleaner() {
            kept.until = end::over;
            for (std::size_t n = 0; n < lists; ++n)
                while (spare_node* const gone = kept.first[n]) {
                    kept.first[n] = gone->next;
                    gone->unpoison(size_of(n));
                    ::operator delete(gone);
                }
        }
    };
    [[gnu::cold, gnu::noinline]] static void clean_at_end() noexcept {
        static thread_local cleaner at_end;
        static_cast<void>(at_end);
        kept.until = end::known;
    }
};

inline constinit thread_local task_frames::all task_frames::kept{};

} // namespace ctbus::detail
