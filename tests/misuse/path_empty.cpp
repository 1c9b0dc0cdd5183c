// expect: name_must_not_be_empty
// names: object_path_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::object_path_view path = "";
#else
ctbus::object_path_view path = "/org/example/calculator";
#endif
