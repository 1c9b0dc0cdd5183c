// expect: ctbus: ctbus::deferred<Outs...> carries the outputs: return void and take no T& beside it
// names: "Add"
// names: parameter<3>
#include <ctbus/deferred.hpp>
#include <ctbus/vtable.hpp>

void bad(int, ctbus::deferred<int>, ctbus::deferred<int>);
void good(int, ctbus::deferred<int, int>);

#ifdef MISUSE
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &bad>> {};
#else
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &good>> {};
#endif
