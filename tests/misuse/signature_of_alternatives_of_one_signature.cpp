// expect: ctbus: two alternatives of a variant have the same D-Bus signature, so that a reader could not tell them apart: remove one
// names: variant<int,
#include <ctbus/ctbus.hpp>

#include <string>
#include <variant>

#ifdef MISUSE
using choice = std::variant<int, std::int32_t>;
#else
using choice = std::variant<int, std::string>;
#endif

constexpr auto length = ctbus::signature_of<choice>.size();
