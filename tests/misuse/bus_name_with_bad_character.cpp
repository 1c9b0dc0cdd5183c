// expect: bus_name_allows_only_letters_digits_underscore_and_hyphen
// names: bus_name_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::bus_name_view name = "org.example.Calculator!";
#else
ctbus::bus_name_view name = "org.example.Calculator";
#endif
