// expect: name_must_not_contain_a_hyphen
// names: error_name_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::error_name_view name = "org.example.my-Error";
#else
ctbus::error_name_view name = "org.example.Error.Failed";
#endif
