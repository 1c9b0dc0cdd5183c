// expect: name_must_not_contain_a_hyphen
// names: interface_name_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::interface_name_view name = "org.my-example.Calculator";
#else
ctbus::interface_name_view name = "org.example.Calculator";
#endif
