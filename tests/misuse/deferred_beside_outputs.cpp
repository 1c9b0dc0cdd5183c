// expect: ctbus: ctbus::deferred<Outs...> carries the outputs: return void and take no T& beside it
// names: "Add"
// names: parameter<2>
#include <ctbus/vtable.hpp>

struct later { // as ctbus::deferred<int> is
    using deferred_outputs = ctbus::type_list<int>;
};
int bad(int, later);
void good(int, later);

#ifdef MISUSE
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &bad>> {};
#else
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &good>> {};
#endif
