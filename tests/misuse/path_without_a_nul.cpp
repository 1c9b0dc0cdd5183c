// expect: a_name_is_a_string_literal
#include <ctbus/names.hpp>

#ifdef MISUSE
constexpr char text[] = {'/', 'a', 'x'};
#else
constexpr char text[] = {'/', 'a', 'x', 0};
#endif
ctbus::object_path_view path = text;
