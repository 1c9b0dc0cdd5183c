// expect: ctbus: nobody looks at the result, error, answer or operation that this callback returns: deal with it inside, and return nothing
#include <ctbus/raw_object.hpp>

void use(const ctbus::connection& bus) {
    const ctbus::raw_object object{bus, "/a", [](const ctbus::message& call) {
#ifdef MISUSE
                                       return call.try_reply();
#else
                                       call.reply();
#endif
                                   }};
}
