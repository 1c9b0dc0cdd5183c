// expect: name_must_not_have_an_element_that_begins_with_a_digit
// names: member_name_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::member_name_view name = "2Add";
#else
ctbus::member_name_view name = "Add";
#endif
