// expect: name_allows_only_letters_digits_and_underscore
// names: interface_name_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::interface_name_view name = "org.example.Calc ulator";
#else
ctbus::interface_name_view name = "org.example.Calculator";
#endif
