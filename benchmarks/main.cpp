// Times the rows with Google Benchmark. `--list` lists them, and `--count ROW N` does the work of
// one N times, for callgrind: between two client requests, so that only the work itself is counted.
#include "rows.hpp"

#include <benchmark/benchmark.h>
#include <valgrind/callgrind.h>

#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

// ---- heap calls, also those inside libsystemd ----

namespace {
unsigned long heap_calls = 0;
}

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) {
    ++heap_calls;
    return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
    ++heap_calls;
    return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
    ++heap_calls;
    return __libc_realloc(old, size);
}
// operator new with an alignment comes to one of these.
void* memalign(std::size_t alignment, std::size_t size) {
    ++heap_calls;
    return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
    ++heap_calls;
    return __libc_memalign(alignment, size);
}
int posix_memalign(void** made, std::size_t alignment, std::size_t size) {
    if (alignment % sizeof(void*) != 0 || !std::has_single_bit(alignment)) return EINVAL;
    ++heap_calls;
    void* room = __libc_memalign(alignment, size);
    if (!room) return ENOMEM;
    *made = room;
    return 0;
}
}

namespace bench {

void give_up(const char* what, int code) {
    std::fprintf(stderr, "%s fails: %s\n", what, std::strerror(-code));
    std::exit(1);
}

namespace {

int list_rows() {
    for (const entry& e : entries()) std::puts(e.name.c_str());
    return 0;
}

// Prints the number of heap calls.
int count_row(const char* name, int times) {
    for (const entry& e : entries()) {
        if (e.name != name) continue;
        const auto work = e.set_up();
        work->run(3); // what happens only once
        const unsigned long before = heap_calls;
        CALLGRIND_TOGGLE_COLLECT;
        work->run(times);
        CALLGRIND_TOGGLE_COLLECT;
        std::printf("%lu\n", heap_calls - before);
        return 0;
    }
    std::fprintf(stderr, "there is no row %s\n", name);
    return 1;
}

} // namespace
} // namespace bench

int main(int argc, char** argv) {
    if (argc == 2 && std::strcmp(argv[1], "--list") == 0) return bench::list_rows();
    if (argc == 4 && std::strcmp(argv[1], "--count") == 0)
        return bench::count_row(argv[2], std::atoi(argv[3]));
    for (const bench::entry& e : bench::entries())
        benchmark::RegisterBenchmark(e.name.c_str(), [&e](benchmark::State& state) {
            const auto work = e.set_up();
            work->run(3);
            const unsigned long before = heap_calls;
            for (auto _ : state) work->run(1);
            state.counters["heap_calls"] = benchmark::Counter(
                static_cast<double>(heap_calls - before), benchmark::Counter::kAvgIterations);
        });
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
