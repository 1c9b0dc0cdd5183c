// expect: ctbus: as_dict<T> has to be constexpr, as the compiler looks at it: template<> inline constexpr bool ctbus::as_dict<T> = true
// names: "Print"
// names: options
#include <ctbus/ctbus.hpp>

#include <map>
#include <string>
#include <vector>

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
    std::map<std::string, std::vector<options>> all;
};

struct table : ctbus::vtable<"org.example.Printer", ctbus::accessor<"Print", &printer::all>> {};
