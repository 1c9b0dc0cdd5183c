// expect: ctbus: this function is called as function(): it takes no arguments
// names: post_to
#include <ctbus/post.hpp>

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    bus.post([](int) {});
}
#else
void use(const ctbus::connection& bus) {
    bus.post([] {});
}
#endif
