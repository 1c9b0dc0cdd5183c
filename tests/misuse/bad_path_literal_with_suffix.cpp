// expect: object_path_must_begin_with_a_slash
// names: _path
#include <ctbus/names.hpp>

using namespace ctbus::literals;

#ifdef MISUSE
const auto path = "org/example"_path;
#else
const auto path = "/org/example"_path;
#endif
