// expect: name_must_not_have_an_element_that_begins_with_a_digit
// names: error_name_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::error_name_view name = "org.example.7Failed";
#else
ctbus::error_name_view name = "org.example.Error.Failed";
#endif
