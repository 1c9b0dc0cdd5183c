// expect: ctbus: a handler that is a coroutine returns ctbus::task<T> by value, and not inside a result: T may be a result
// names: the_result
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

class service {
public:
#ifdef MISUSE
    ctbus::result<ctbus::task<int>> ask();
#else
    ctbus::task<ctbus::result<int>> ask();
#endif
};

struct service_vtable :
    ctbus::vtable<"org.example.Service", ctbus::handler<"Ask", &service::ask>> {};

void serve(const ctbus::connection& bus, service& s) {
    ctbus::object<service_vtable> object{bus, "/", s};
}
