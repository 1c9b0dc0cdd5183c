// GDBus: many objects, and interfaces of many methods.
#include "connected.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

using bench::interface;
using bench::path;
using bench::transport;

std::int32_t reply_twice(GVariant* arguments, GDBusMethodInvocation* call) {
    std::int32_t n = 0;
    g_variant_get(arguments, "(i)", &n);
    g_dbus_method_invocation_return_value(call, g_variant_new("(i)", 2 * n));
    return n;
}

class exporter {
public:
    explicit exporter(int count) {
        for (int i = 0; i < count; ++i) paths_.push_back(bench::numbered_path(i));
    }

    void make_and_drop() {
        std::vector<guint> ids(paths_.size());
        for (std::size_t i = 0; i < ids.size(); ++i)
            ids[i] = g_dbus_connection_register_object(ends_.service, paths_[i].c_str(),
                                                       described_.get(), &vtable, this, nullptr,
                                                       bench::glib_error{});
        bench::full();
        for (const guint id : ids) g_dbus_connection_unregister_object(ends_.service, id);
        // What was registered is given back by the main loop.
        while (g_main_context_iteration(nullptr, FALSE)) {
        }
    }

private:
    static void on_call(GDBusConnection*, const char*, const char*, const char*, const char*,
                        GVariant* arguments, GDBusMethodInvocation* call, gpointer) {
        reply_twice(arguments, call);
    }
    static GVariant* on_get(GDBusConnection*, const char*, const char*, const char*, const char*,
                            GError**, gpointer) {
        return g_variant_new_int32(7);
    }
    static constexpr GDBusInterfaceVTable vtable{on_call, on_get, nullptr, {}};

    bench::gdbus_ends ends_{transport::direct};
    bench::gdbus_interface described_{
        "<method name='Twice'><arg type='i' direction='in'/><arg type='i' direction='out'/>"
        "</method><property name='Level' type='i' access='read'/>"
        "<signal name='Changed'><arg type='i'/><arg type='s'/></signal>"};
    std::vector<std::string> paths_;
};

// ---- interfaces of many methods: GDBus knows the method by its name, the handler asks again ----

using handler = std::int32_t (*)(GVariant*, GDBusMethodInvocation*);

struct sized {
    std::optional<bench::gdbus_interface> described;
    std::vector<std::string> names;
    std::unordered_map<std::string_view, handler> handlers;
    GMainLoop* loop = nullptr;

    explicit sized(int count) {
        std::string xml;
        for (int i = 0; i < count; ++i) names.push_back(bench::numbered_method(i));
        for (const std::string& name : names) {
            handlers.emplace(name, reply_twice);
            xml.append("<method name='")
                .append(name)
                .append("'><arg type='i' direction='in'/><arg type='i' direction='out'/></method>");
        }
        described.emplace(xml);
    }
    guint export_on(GDBusConnection* bus) {
        return g_dbus_connection_register_object(bus, path, described->get(), &vtable, this,
                                                 nullptr, bench::glib_error{});
    }

private:
    static void on_call(GDBusConnection*, const char*, const char*, const char*, const char* method,
                        GVariant* arguments, GDBusMethodInvocation* call, gpointer userdata) {
        sized& self = *static_cast<sized*>(userdata);
        if (self.handlers.at(method)(arguments, call) < 0) g_main_loop_quit(self.loop);
    }
    static constexpr GDBusInterfaceVTable vtable{on_call, nullptr, nullptr, {}};
};

template <int Methods>
class sized_exporter {
public:
    void make_and_drop() {
        sized methods{Methods};
        const guint id = methods.export_on(ends_.service);
        bench::full();
        g_dbus_connection_unregister_object(ends_.service, id);
        while (g_main_context_iteration(nullptr, FALSE)) {
        }
    }

private:
    bench::gdbus_ends ends_{transport::direct};
};

template <int Methods>
class sized_peers {
public:
    explicit sized_peers(transport t)
        : transport_{t}, ends_{t}, service_{[this](const auto& ready) {
              sized methods{Methods};
              bench::serve_gdbus(
                  ends_.service, transport_,
                  [&](GMainLoop* loop) {
                      methods.loop = loop;
                      return methods.export_on(ends_.service);
                  },
                  ready);
          }} {}
    ~sized_peers() { call(-1); }

    void call(std::int32_t n = 21) {
        GVariant* reply = bench::call_gdbus(ends_.client, transport_, interface, last_.c_str(),
                                            g_variant_new("(i)", n), "(i)");
        std::int32_t result = 0;
        g_variant_get(reply, "(i)", &result);
        g_variant_unref(reply);
        bench::must(result == 2 * n, "the last method");
    }

private:
    transport transport_;
    bench::gdbus_ends ends_;
    std::string last_ = bench::numbered_method(Methods - 1);
    bench::service_thread service_;
};

[[maybe_unused]] const bool added[] = {
    bench::add_exports<exporter>("gdbus"),
    bench::add_interface_sizes<sized_exporter, sized_peers>("gdbus",
                                                            {transport::direct, transport::daemon}),
};

} // namespace
