// expect: name_allows_only_letters_digits_and_underscore
// names: member_name_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::member_name_view name = "Add()";
#else
ctbus::member_name_view name = "Add";
#endif
