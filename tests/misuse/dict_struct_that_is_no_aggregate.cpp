// expect: ctbus: as_dict<T> is for an aggregate, whose field names are the keys: it cannot be true of another type
// names: "Options"
// names: settings
#include <ctbus/interface.hpp>

class private_settings {
public:
    private_settings(int s) : size{s} {}
    int size;
};
struct public_settings {
    int size;
};

#ifdef MISUSE
using settings = private_settings;
#else
using settings = public_settings;
#endif

template <>
inline constexpr bool ctbus::as_dict<settings> = true;
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::property<"Options", settings>> {};
