// expect: name_must_not_have_an_empty_element
// names: bus_name_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::bus_name_view name = ".org.example";
#else
ctbus::bus_name_view name = "org.example.Calculator";
#endif
