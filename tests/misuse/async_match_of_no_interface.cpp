// expect: ctbus: an interface is a struct derived from ctbus::interface<...>, ctbus::vtable<...> or ctbus::implements<...>, publicly and from one only
// names: calculator
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

class calculator {};
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::signal<"Overflowed", void(double)>> {};

#ifdef MISUSE
using heard = calculator;
#else
using heard = contract;
#endif

ctbus::subscribing use(const ctbus::connection& bus) {
    return ctbus::async_match_signal<heard, "Overflowed">(bus, [](double) {
    }).then([](ctbus::result<ctbus::subscription>) {});
}
