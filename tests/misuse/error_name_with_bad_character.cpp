// expect: name_allows_only_letters_digits_and_underscore
// names: error_name_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::error_name_view name = "org.example.Error/Failed";
#else
ctbus::error_name_view name = "org.example.Error.Failed";
#endif
