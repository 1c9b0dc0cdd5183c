// expect: ctbus: a pointer cannot travel: use the value itself, or std::string_view for text
// names: "Sum"
// names: parameter<2>
#include <ctbus/vtable.hpp>

#ifdef MISUSE
using type = int*;
#else
using type = int;
#endif

int sum(int, type&);
struct table : ctbus::vtable<"org.example.Calculator", ctbus::handler<"Sum", &sum>> {};
