// expect: ctbus: as_dict<T> is for an aggregate, whose field names are the keys: it cannot be true of another type
// names: "Set"
// names: int
#include <ctbus/interface.hpp>

#ifdef MISUSE
template <>
inline constexpr bool ctbus::as_dict<int> = true;
#endif

struct contract : ctbus::interface<"org.example.Switch", ctbus::method<"Set", void(int)>> {};
