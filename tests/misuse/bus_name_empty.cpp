// expect: name_must_not_be_empty
// names: bus_name_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::bus_name_view name = "";
#else
ctbus::bus_name_view name = "org.example.Calculator";
#endif
