// expect: ctbus: text made at run time may be no valid name: check it with parse(), as in object_path::parse(text)
// names: object_path_rules
#include <ctbus/names.hpp>

#include <string_view>

#ifdef MISUSE
ctbus::object_path use(std::string_view path) {
    return path;
}
#else
ctbus::object_path use(std::string_view path) {
    return ctbus::object_path::parse(path).value_or(ctbus::object_path{});
}
#endif
