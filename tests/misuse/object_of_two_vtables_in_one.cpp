// expect: ctbus: an object wants structs derived from ctbus::vtable<...> or ctbus::implements<...>, publicly and from one only
// names: both
#include <ctbus/ctbus.hpp>

class service {
public:
    void run() {}
};

struct first : ctbus::vtable<"org.example.First", ctbus::handler<"Run", &service::run>> {};
struct second : ctbus::vtable<"org.example.Second", ctbus::handler<"Run", &service::run>> {};
struct both : first, second {};

void serve(const ctbus::connection& bus, service& s) {
#ifdef MISUSE
    ctbus::object<both> object{bus, "/", s};
#else
    ctbus::object<first, second> object{bus, "/", s};
#endif
}
