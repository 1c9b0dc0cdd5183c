// A service whose objects come and go while it answers, for the tests of S26, S39, S42 and of its
// end. It prints "ready", and at last how many calls of Count it has handled.
#include <ctbus/ctbus.hpp>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

namespace changing {

using number = std::uint32_t;

// clang-format off
struct child : ctbus::vtable<"org.ctbus.Child", ctbus::handler<"Ping", [] {}>> {};

class service {
public:
    // What the objects of the two interfaces are made and dropped with.
    std::function<void()> appear, appear_as_other, disappear;

    explicit service(const ctbus::connection& bus) : bus_{bus} {}

    number pid() { return static_cast<number>(::getpid()); }
    number count() { return ++counted; }

    // Each tells how many children there are then.
    number children() { return static_cast<number>(children_.size()); }
    void set_children(number wanted) {
        while (children() < wanted)
            children_.push_back(std::make_unique<ctbus::object<child>>(
                bus_, ctbus::object_path{"/org/ctbus/changing"} / ("c" + std::to_string(children()))));
        children_.resize(wanted);
    }
    number grow() { return set_children(children() + 1), children(); }
    number prune() { return set_children(0), children(); }

    // Each tells how often the object was exported again.
    number renewed() { return renewed_; }
    number renew() { return disappear(), appear(), ++renewed_; }
    number renew_twice() { return renew(), renew(); }
    void set_renewed(number times) { renew(), renewed_ = times; }
    number become_other() { return disappear(), appear_as_other(), ++renewed_; }
    number leave() { return disappear(), renewed_; }
    bool stays() { return true; }
    void set_stays(bool wanted) {
        if (!wanted) disappear();
    }

    number counted = 0;

private:
    const ctbus::connection& bus_;
    std::vector<std::unique_ptr<ctbus::object<child>>> children_;
    number renewed_ = 0;
};

struct main_table : ctbus::vtable<"org.ctbus.Changing",
    ctbus::handler<"Pid", &service::pid>,
    ctbus::handler<"Count", &service::count>,
    ctbus::handler<"Grow", &service::grow>,
    ctbus::handler<"Prune", &service::prune>,
    ctbus::handler<"Renew", &service::renew>,
    ctbus::handler<"RenewTwice", &service::renew_twice>,
    ctbus::handler<"BecomeOther", &service::become_other>,
    ctbus::handler<"Leave", &service::leave>,
    ctbus::accessor<"Grown", &service::grow>,
    ctbus::accessor<"Pruned", &service::prune>,
    ctbus::accessor<"Children", &service::children, &service::set_children, ctbus::emits_change>,
    ctbus::accessor<"Renewed", &service::renewed, &service::set_renewed>,
    ctbus::accessor<"Stays", &service::stays, &service::set_stays>> {};
struct other_table : ctbus::vtable<"org.ctbus.Other",
    ctbus::handler<"BecomeItself", &service::renew>> {};
// clang-format on

// Where they can be reached when the main object has left.
struct keeper_table : ctbus::vtable<"org.ctbus.Keeper", ctbus::handler<"Return", &service::renew>> {
};

} // namespace changing

namespace {

void serve() {
    using namespace changing;
    ctbus::connection bus = ctbus::connection::open_default();
    service served{bus};
    std::unique_ptr<ctbus::object<main_table>> object;
    std::unique_ptr<ctbus::object<other_table>> other;
    const ctbus::object_path_view path = "/org/ctbus/changing";
    served.appear = [&] {
        object = std::make_unique<ctbus::object<main_table>>(bus, path, served);
    };
    served.appear_as_other = [&] {
        other = std::make_unique<ctbus::object<other_table>>(bus, path, served);
    };
    served.disappear = [&] {
        object.reset();
        other.reset();
    };
    served.appear();
    ctbus::object<keeper_table> keeper{bus, "/org/ctbus/keeper", served};

    bus.request_name("org.ctbus.Changing"); // last
    std::puts("ready");
    std::fflush(stdout);
    const int signal = bus.run_until({SIGTERM, SIGINT});
    std::printf("%u handled, ended by %d\n", served.counted, signal);
}

} // namespace

int main() {
    try {
        serve();
    } catch (const ctbus::error& e) {
        std::fprintf(stderr, "changing_service: %s\n", e.what());
        return 3;
    }
}
