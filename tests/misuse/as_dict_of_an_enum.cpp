// expect: ctbus: as_dict<T> is for an aggregate, whose field names are the keys: it cannot be true of another type
// names: "Set"
// names: mode
#include <ctbus/interface.hpp>

enum class mode { sleep, wake };

#ifdef MISUSE
template <>
inline constexpr bool ctbus::as_dict<mode> = true;
#endif

struct contract : ctbus::interface<"org.example.Switch", ctbus::method<"Set", void(mode)>> {};
