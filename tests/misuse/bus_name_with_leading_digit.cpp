// expect: name_must_not_have_an_element_that_begins_with_a_digit
// names: bus_name_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::bus_name_view name = "org.1example";
#else
ctbus::bus_name_view name = "org.example.Calculator";
#endif
