// expect: ctbus: enum_strings<E> is a range of {enumerator, text}: template<> inline constexpr std::pair<E, const char*> ctbus::enum_strings<E>[] = {{E::a, "a"}}
// names: "Set"
// names: mode
#include <ctbus/interface.hpp>

#include <utility>

enum class mode { sleep, wake };

#ifdef MISUSE
template <>
inline constexpr int ctbus::enum_strings<mode> = 2;
#else
template <>
inline constexpr std::pair<mode, const char*> ctbus::enum_strings<mode>[] = {
    {mode::sleep, "sleep"}, {mode::wake, "wake"}};
#endif

struct contract : ctbus::interface<"org.example.Calculator", ctbus::method<"Set", void(mode)>> {};
