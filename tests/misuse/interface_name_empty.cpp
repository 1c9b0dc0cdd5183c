// expect: name_must_not_be_empty
// names: interface_name_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::interface_name_view name = "";
#else
ctbus::interface_name_view name = "org.example.Calculator";
#endif
