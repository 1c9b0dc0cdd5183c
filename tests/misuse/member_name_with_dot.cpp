// expect: name_must_not_contain_a_dot
// names: member_name_rules
#include <ctbus/names.hpp>

#ifdef MISUSE
ctbus::member_name_view name = "Add.All";
#else
ctbus::member_name_view name = "Add";
#endif
