// expect: name_must_not_have_an_element_that_begins_with_a_digit
// names: interface_name_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::interface_name_view name = "org.example.2Calculator";
#else
ctbus::interface_name_view name = "org.example.Calculator";
#endif
