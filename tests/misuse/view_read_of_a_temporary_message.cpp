// expect: ctbus: keep the message in a variable: what is read from it here points into it
// names: string_view
#include <ctbus/ctbus.hpp>

#include <cstddef>
#include <string>
#include <string_view>

std::size_t ask(const ctbus::connection& bus, const ctbus::message& call) {
    const auto text = bus.call(call).read<std::string>();
#ifdef MISUSE
    const auto view = bus.call(call).read<std::string_view>();
#else
    ctbus::message reply = bus.call(call);
    const auto view = reply.read<std::string_view>();
#endif
    return text.size() + view.size();
}
