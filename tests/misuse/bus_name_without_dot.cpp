// expect: name_needs_at_least_two_elements_separated_by_a_dot
// names: bus_name_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::bus_name_view name = "calculator";
#else
ctbus::bus_name_view name = "org.example.Calculator";
#endif
