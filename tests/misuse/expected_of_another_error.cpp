// expect: ctbus: a std::expected is no D-Bus value: a handler that may fail returns ctbus::result<T>, whose error is a ctbus::error
// names: Print
#include <ctbus/ctbus.hpp>

#include <expected>
#include <string>

struct printer {
#ifdef MISUSE
    std::expected<int, std::string> print(int);
#else
    ctbus::result<int> print(int);
#endif
};
struct table : ctbus::vtable<"org.example.Printer", ctbus::handler<"Print", &printer::print>> {};
