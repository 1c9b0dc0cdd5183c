// expect: name_must_not_have_an_empty_element
// names: error_name_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::error_name_view name = "org.example.";
#else
ctbus::error_name_view name = "org.example.Error.Failed";
#endif
