// expect: ctbus: enum_strings<E> gives each enumerator one name, which no other has: valid UTF-8
// names: "Set"
// names: mode
#include <ctbus/interface.hpp>

#include <utility>

enum class mode { sleep, wake };

template <>
inline constexpr std::pair<mode, const char*> ctbus::enum_strings<mode>[] = {
#ifdef MISUSE
    {mode::sleep, "wake"},
#else
    {mode::sleep, "sleep"},
#endif
    {mode::wake, "wake"}};

struct contract : ctbus::interface<"org.example.Calculator", ctbus::method<"Set", void(mode)>> {};
