// A service in the loop of GLib, which is GTK's: the connection is one source among others.
#include <ctbus/ctbus.hpp>
#include <ctbus/glib.hpp>

#include <iostream>
#include <thread>

struct Lamp :
    ctbus::interface<"org.example.Lamp", ctbus::method<"Toggle", void()>,
        ctbus::property<"On", bool, ctbus::emits_change>> {};

class lamp {
public:
    explicit lamp(ctbus::connection& bus) : object_{bus, "/lamp", *this} {}

    void toggle() {
        on_ = !on_;
        object_.changed<"On">();
    }

private:
    bool on_ = false;
    struct vtable :
        ctbus::implements<Lamp, ctbus::handler<"Toggle", &lamp::toggle>,
            ctbus::accessor<"On", &lamp::on_>> {};

    ctbus::object<vtable> object_;
};

int main() {
    auto bus = ctbus::connection::session();
    lamp light{bus};
    bus.request_name("org.example.Lamp");

    GMainLoop* loop = g_main_loop_new(nullptr, FALSE);
    const ctbus::glib_loop attached{bus, nullptr, [&](const ctbus::error& e) {
                                        std::cerr << e.what() << '\n';
                                        g_main_loop_quit(loop);
                                    }};
    g_timeout_add(
        10,
        [](gpointer served) {
            static_cast<lamp*>(served)->toggle(); // by itself, as a timer might
            return G_SOURCE_REMOVE;
        },
        &light);

    std::jthread client{[&] { // a program of its own, mostly
        auto own = ctbus::connection::session();
        ctbus::proxy<Lamp> remote{own, "org.example.Lamp", "/lamp"};
        while (!remote.get<"On">()) {
        }
        remote.call<"Toggle">();
        std::cout << "The light is " << (remote.get<"On">() ? "on" : "off") << '\n';
        g_main_loop_quit(loop);
    }};
    g_main_loop_run(loop);
    client.join();
    g_main_loop_unref(loop);
}
