// expect: object_path_must_not_end_with_a_slash
// names: object_path_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::object_path_view path = "/org/example/";
#else
ctbus::object_path_view path = "/org/example/calculator";
#endif
