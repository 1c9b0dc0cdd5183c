// expect: ctbus: nobody looks at the result, error, answer or operation that this callback returns: deal with it inside, and return nothing
#include <ctbus/raw_object.hpp>

void use(const ctbus::connection& bus) {
#ifdef MISUSE
    const ctbus::raw_object any{
        bus, "/any", [](const ctbus::message& call) { return call.new_reply(); }};
#else
    const ctbus::raw_object any{bus, "/any", [](const ctbus::message& call) { call.reply(); }};
#endif
}
