// The memory of coroutine frames: kept for the next one, by each thread.
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

#include "must.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

using ctbus::task;
using ctbus::detail::task_frames;
using test::must;

// Counts what comes from the heap. (Here, since the sanitizer's own would not say.)
namespace {
std::atomic<int> taken = 0, given = 0;
}
void* operator new(std::size_t size) {
    ++taken;
    if (void* made = std::malloc(size)) return made;
    std::abort();
}
void operator delete(void* gone) noexcept {
    ++given;
    std::free(gone);
}
void operator delete(void* gone, std::size_t) noexcept {
    ::operator delete(gone);
}

extern "C" [[gnu::weak]] int __asan_address_is_poisoned(const volatile void*);

namespace {

struct both_ends {
    std::pair<ctbus::connection, ctbus::connection> both = must(ctbus::connection::try_pair());
    ctbus::connection& bus = both.first;
};

// Not inlined, for else Clang does without frames on the heap.
[[gnu::noinline]] task<std::int32_t> number(std::int32_t n) {
    co_return n;
}
[[gnu::noinline]] task<std::int32_t> sum() {
    co_return co_await number(1) + co_await number(2);
}
const void* seen = nullptr;
template <std::size_t Size>
[[gnu::noinline]] task<> large() {
    char room[Size] = {};
    seen = room; // so that all of it is in the frame
    co_await number(1);
    room[0] = 1;
}

TEST_CASE("a task's frame is one that ended before") {
    both_ends ends;
    CHECK(must(ends.bus.try_run(sum())) == 3);
    const int before = taken;
    for (int i = 0; i < 100; ++i) CHECK(must(ends.bus.try_run(sum())) == 3);
    CHECK(taken == before);
}

TEST_CASE("frames that are large, or many, go back to the heap") {
    both_ends ends;
    must(ends.bus.try_run(large<4096>()));
    int before = taken;
    must(ends.bus.try_run(large<4096>()));
    CHECK(taken == before + 1);

    constexpr int many = 100;
    std::vector<task<std::int32_t>> all;
    all.reserve(many);
    for (int i = 0; i < many; ++i) all.push_back(number(i));
    before = given;
    all.clear();
    CHECK(given >= before + many - 16);
    CHECK(given < before + many);
}

TEST_CASE("each size has frames of its own") {
    std::set<void*> blocks;
    for (std::size_t bytes = 1; bytes <= 2048; bytes += 61) {
        void* const block = task_frames::take(bytes);
        static_cast<char*>(block)[bytes - 1] = 1; // the sanitizer looks at the end
        CHECK(blocks.insert(block).second);
        task_frames::give(block, bytes);
        blocks.clear();
    }
    void* const small = task_frames::take(128);
    task_frames::give(small, 128);
    void* const larger = task_frames::take(129);
    CHECK(larger != small);
    CHECK(task_frames::take(1) == small);
    task_frames::give(small, 1);
    task_frames::give(larger, 129);
}

TEST_CASE("who touches a frame that has ended hears of it from the address sanitizer") {
    if (&__asan_address_is_poisoned) {
        void* const frame = task_frames::take(200);
        task_frames::give(frame, 200);
        CHECK(__asan_address_is_poisoned(static_cast<char*>(frame) + 8));
        CHECK(__asan_address_is_poisoned(static_cast<char*>(frame) + 199));
        void* const again = task_frames::take(200);
        CHECK(again == frame);
        CHECK_FALSE(__asan_address_is_poisoned(static_cast<char*>(frame) + 8));
        CHECK_FALSE(__asan_address_is_poisoned(static_cast<char*>(frame) + 199));
        task_frames::give(again, 200);
    }
}

TEST_CASE("a thread that ends gives its frames back") {
    const auto run = [](auto&& does) {
        const int before = taken - given;
        std::thread{does}.join();
        return taken - given - before;
    };
    CHECK(run([] {
              both_ends ends;
              must(ends.bus.try_run(sum()));
          }) == 0);

    // One that began elsewhere.
    std::optional<task<std::int32_t>> moved;
    std::thread{[&] { moved = number(1); }}.join();
    CHECK(run([&] { moved.reset(); }) == -1);
}

TEST_CASE("a task may end after the frames of its thread are gone") {
    // Destroyed in the reverse order: what the thread keeps goes first.
    struct last {
        std::optional<task<std::int32_t>> kept;
    };
    const int before = taken - given;
    std::thread{[] {
        static thread_local last waits;
        waits.kept = number(1);
        static_cast<void>(number(2)); // ends, and its frame is kept
    }}.join();
    CHECK(taken - given == before);
}

} // namespace
