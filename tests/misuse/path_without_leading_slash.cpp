// expect: object_path_must_begin_with_a_slash
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::object_path_view path = "org/example";
#else
ctbus::object_path_view path = "/org/example";
#endif
