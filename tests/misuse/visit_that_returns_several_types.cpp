// expect: ctbus: visit() calls its function with every basic type, and with (std::vector<ctbus::variant>, ctbus::container): take all of them, and return one type
// names: lambda
#include <ctbus/ctbus.hpp>

bool is_empty(const ctbus::variant& value) {
#ifdef MISUSE
    return value.visit([](const auto& held, auto...) { return held; }) == 0u;
#else
    return value.visit([](const auto& held, auto...) { return sizeof(held); }) == 0u;
#endif
}
