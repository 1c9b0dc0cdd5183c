// Times the rows with Google Benchmark. `--list` lists them, `--count ROW N` does the work of one N
// times for callgrind, which is told to look at the work only, and `--bytes ROW` measures what the
// work holds at most.
#include "heap.hpp"
#include "rows.hpp"

#include <benchmark/benchmark.h>
#include <malloc.h>
#include <valgrind/callgrind.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace bench {

void give_up(const char* what, int code) {
    std::fprintf(stderr, "%s fails: %s\n", what, std::strerror(-code));
    std::fflush(stderr);
    std::_Exit(1); // other threads may go on
}

namespace {

bool looks_at_heap = false;
std::size_t bytes_when_full = 0;

std::size_t bytes_in_use() {
    const struct mallinfo2 now = mallinfo2();
    return now.uordblks + now.hblkhd;
}

// Name, how often to do it, and whether --bytes has something to say of it.
int list_rows() {
    for (const entry& e : entries())
        std::printf("%s %d %s\n", e.name.c_str(), e.times, e.holds ? "holds" : "-");
    return 0;
}

const entry& find(const char* name) {
    for (const entry& e : entries())
        if (e.name == name) return e;
    give_up(name, -ENOENT);
}

// Prints the number of heap calls.
int count_row(const char* name, int times) {
    const auto work = find(name).set_up();
    fill_holes();
    work->run(times > 3 ? 3 : 1); // what happens only once
    const unsigned long before = heap_calls;
    CALLGRIND_START_INSTRUMENTATION; // in all threads
    work->run(times);
    CALLGRIND_STOP_INSTRUMENTATION;
    std::printf("%lu\n", heap_calls - before);
    return 0;
}

// Prints the bytes that were in use when the work was full(), less those before.
int measure_bytes(const char* name) {
    const auto work = find(name).set_up();
    looks_at_heap = true;
    malloc_trim(0);
    const std::size_t before = bytes_in_use();
    work->run(1);
    std::printf("%zu\n", bytes_when_full - before);
    return 0;
}

void time_row(const entry& e, benchmark::State& state) {
    const auto work = e.set_up();
    work->run(1);
    const unsigned long before = heap_calls;
    for (auto _ : state) work->run(1);
    state.counters["heap_calls"] = benchmark::Counter(static_cast<double>(heap_calls - before),
                                                      benchmark::Counter::kAvgIterations);
}

} // namespace

void full() {
    if (looks_at_heap) bytes_when_full = bytes_in_use();
}

} // namespace bench

int main(int argc, char** argv) {
    if (argc == 2 && std::strcmp(argv[1], "--list") == 0) return bench::list_rows();
    if (argc == 4 && std::strcmp(argv[1], "--count") == 0)
        return bench::count_row(argv[2], std::atoi(argv[3]));
    if (argc == 3 && std::strcmp(argv[1], "--bytes") == 0) return bench::measure_bytes(argv[2]);
    // A service may run in a thread of its own: what counts is the time that passes.
    for (const bench::entry& e : bench::entries())
        benchmark::RegisterBenchmark(e.name.c_str(), [&e](benchmark::State& state) {
            bench::time_row(e, state);
        })->UseRealTime();
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
