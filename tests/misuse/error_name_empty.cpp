// expect: name_must_not_be_empty
// names: error_name_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::error_name_view name = "";
#else
ctbus::error_name_view name = "org.example.Error.Failed";
#endif
