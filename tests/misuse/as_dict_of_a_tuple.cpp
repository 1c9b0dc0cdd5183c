// expect: ctbus: as_dict<T> is for an aggregate, whose field names are the keys: it cannot be true of another type
// names: "Set"
// names: tuple<int, double>
#include <ctbus/interface.hpp>

#include <tuple>

using pair = std::tuple<int, double>;

#ifdef MISUSE
template <>
inline constexpr bool ctbus::as_dict<pair> = true;
#endif

struct contract : ctbus::interface<"org.example.Switch", ctbus::method<"Set", void(pair)>> {};
