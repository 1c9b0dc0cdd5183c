// expect: ctbus: enum_strings<E> is for an enumeration, and has no effect on another type: remove it
// names: "Set"
// names: mode
#include <ctbus/interface.hpp>

#include <utility>

struct mode {
    int value;
};

#ifdef MISUSE
template <>
inline constexpr std::pair<int, const char*> ctbus::enum_strings<mode>[] = {{0, "sleep"}};
#endif

struct contract : ctbus::interface<"org.example.Switch", ctbus::method<"Set", void(mode)>> {};
