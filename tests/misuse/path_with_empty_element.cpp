// expect: name_must_not_have_an_empty_element
// names: object_path_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::object_path_view path = "/org//calculator";
#else
ctbus::object_path_view path = "/org/example/calculator";
#endif
