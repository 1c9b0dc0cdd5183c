// expect: ctbus: enum_strings<E> has to be constexpr, as its names are looked at by the compiler
// names: "Set"
// names: mode
#include <ctbus/ctbus.hpp>

#include <map>
#include <utility>

enum class mode { sleep, wake };

#ifdef MISUSE
template <>
inline const std::map<mode, const char*> ctbus::enum_strings<mode>{
    {mode::sleep, "sleep"}, {mode::wake, "wake"}};
#else
template <>
inline constexpr std::pair<mode, const char*> ctbus::enum_strings<mode>[] = {
    {mode::sleep, "sleep"}, {mode::wake, "wake"}};
#endif

struct contract : ctbus::interface<"org.example.Switch", ctbus::method<"Set", void(mode)>> {};

void use(const ctbus::proxy<contract>& p) {
    p.call<"Set">(mode::wake);
}
