// expect: name_must_not_be_empty
// names: member_name_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::member_name_view name = "";
#else
ctbus::member_name_view name = "Add";
#endif
