// expect: ctbus: a vtable is made of handler<>, accessor<>, signal<> (signals stand in the contract if there is one) and options
// names: "org.example.Calculator"
#include <ctbus/vtable.hpp>

int add(int, int);

#ifdef MISUSE
struct table : ctbus::vtable<"org.example.Calculator", &add> {};
#else
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Add", &add>> {};
#endif
