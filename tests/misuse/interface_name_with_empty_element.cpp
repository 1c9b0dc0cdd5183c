// expect: name_must_not_have_an_empty_element
// names: interface_name_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::interface_name_view name = "org..Calculator";
#else
ctbus::interface_name_view name = "org.example.Calculator";
#endif
