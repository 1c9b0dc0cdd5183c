// expect: name_needs_at_least_two_elements_separated_by_a_dot
// names: error_name_rules
#include <ctbus/error.hpp>

#ifdef MISUSE
const ctbus::error failed = ctbus::error::make<"Failed">("it did not work");
#else
const ctbus::error failed = ctbus::error::make<"org.example.Failed">("it did not work");
#endif
