// expect: name_allows_only_letters_digits_and_underscore
// names: object_path_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::object_path_view path = "/org/example-calculator";
#else
ctbus::object_path_view path = "/org/example/calculator";
#endif
