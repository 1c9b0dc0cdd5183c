// expect: name_allows_only_letters_digits_and_underscore
// names: bus_name_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::bus_name_view name = "org.example.Calculator!";
#else
ctbus::bus_name_view name = "org.example.Calculator";
#endif
