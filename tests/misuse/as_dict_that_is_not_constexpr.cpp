// expect: ctbus: as_dict<T> has to be constexpr, as the compiler looks at it: template<> inline constexpr bool ctbus::as_dict<T> = true
// names: "Print"
// names: options
#include <ctbus/ctbus.hpp>

struct options {
    int copies;
};
template <>
#ifdef MISUSE
inline bool ctbus::as_dict<options> = true;
#else
inline constexpr bool ctbus::as_dict<options> = true;
#endif

struct printer {
    void print(const options&);
};

struct table : ctbus::vtable<"org.example.Printer", ctbus::handler<"Print", &printer::print>> {};
