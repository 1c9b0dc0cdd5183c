// expect: name_needs_at_least_two_elements_separated_by_a_dot
// names: error_name_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::error_name_view name = "Failed";
#else
ctbus::error_name_view name = "org.example.Error.Failed";
#endif
