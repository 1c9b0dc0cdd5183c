// expect: ctbus: a returned std::pair could be two outputs or one struct
// names: "Both"
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

#include <chrono>
#include <utility>

#ifdef MISUSE
struct table :
    ctbus::vtable<"org.example.Calculator",
        ctbus::handler<"Both", [](int n) -> ctbus::task<std::pair<int, int>> {
            co_return std::pair{n, n};
        }>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator",
        ctbus::handler<"Both", [](int n) -> ctbus::task<std::tuple<int, int>> {
            co_return std::tuple{n, n};
        }>> {};
#endif
