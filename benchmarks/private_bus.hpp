// A message bus of this program's own, which ends with it.
#pragma once

#include <string>
#include <sys/types.h>

namespace bench {

enum class transport { direct, daemon, broker };

inline const char* name_of(transport t) {
    return t == transport::direct ? "direct" : t == transport::daemon ? "daemon" : "broker";
}

/// The address of a dbus-daemon or a dbus-broker, which is started when first asked for, and ends
/// with the thread that asked: the main one.
const std::string& bus_address(transport which);

} // namespace bench
