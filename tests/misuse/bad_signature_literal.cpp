// expect: not_a_valid_dbus_signature
// names: a{vs}
#include <ctbus/types.hpp>

#ifdef MISUSE
const ctbus::signature written{"a{vs}"};
#else
const ctbus::signature written{"a{sv}"};
#endif
