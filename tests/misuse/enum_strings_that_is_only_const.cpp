// expect: ctbus: enum_strings<E> has to be constexpr, as its names are looked at by the compiler
// names: "Set"
// names: mode
#include <ctbus/ctbus.hpp>

#include <utility>

enum class mode { sleep, wake };

template <>
#ifdef MISUSE
inline const std::pair<mode, const char*> ctbus::enum_strings<mode>[]
#else
inline constexpr std::pair<mode, const char*> ctbus::enum_strings<mode>[]
#endif
    = {{mode::sleep, "sleep"}, {mode::wake, "wake"}};

void set(mode) {}

struct switch_vtable : ctbus::vtable<"org.example.Switch", ctbus::handler<"Set", &set>> {};
