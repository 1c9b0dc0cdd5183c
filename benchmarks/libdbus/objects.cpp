// libdbus: many objects, and interfaces of many methods. It knows objects, but no interfaces: what
// dispatches is the program's own hash table.
#include "connected.hpp"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

using bench::interface;
using bench::path;
using bench::transport;

DBusHandlerResult reply_twice(DBusConnection* bus, DBusMessage* m, std::int32_t& n) {
    dbus_message_get_args(m, bench::libdbus_error{}, DBUS_TYPE_INT32, &n, DBUS_TYPE_INVALID);
    const std::int32_t twice = 2 * n;
    DBusMessage* reply = dbus_message_new_method_return(m);
    dbus_message_append_args(reply, DBUS_TYPE_INT32, &twice, DBUS_TYPE_INVALID);
    dbus_connection_send(bus, reply, nullptr);
    dbus_message_unref(reply);
    return DBUS_HANDLER_RESULT_HANDLED;
}

class exporter {
public:
    explicit exporter(int count) {
        for (int i = 0; i < count; ++i) paths_.push_back(bench::numbered_path(i));
    }
    void make_and_drop() {
        static const DBusObjectPathVTable vtable{nullptr, handle,  nullptr,
                                                 nullptr, nullptr, nullptr};
        for (const std::string& at : paths_)
            bench::must(
                dbus_connection_register_object_path(ends_.service, at.c_str(), &vtable, this),
                "an object");
        bench::full();
        for (const std::string& at : paths_)
            dbus_connection_unregister_object_path(ends_.service, at.c_str());
    }

private:
    static DBusHandlerResult handle(DBusConnection* bus, DBusMessage* m, void*) {
        std::int32_t n = 0;
        if (!dbus_message_is_method_call(m, interface, "Twice"))
            return DBUS_HANDLER_RESULT_NOT_YET_HANDLED;
        return reply_twice(bus, m, n);
    }

    bench::libdbus_ends ends_{transport::direct};
    std::vector<std::string> paths_;
};

using handler = DBusHandlerResult (*)(DBusConnection*, DBusMessage*, std::int32_t&);
struct sized {
    std::vector<std::string> names;
    std::unordered_map<std::string_view, handler> handlers;
    bool stopped = false;

    explicit sized(int count) {
        for (int i = 0; i < count; ++i) names.push_back(bench::numbered_method(i));
        for (const std::string& name : names) handlers.emplace(name, reply_twice);
    }
    static DBusHandlerResult handle(DBusConnection* bus, DBusMessage* m, void* userdata) {
        sized& self = *static_cast<sized*>(userdata);
        if (dbus_message_get_type(m) != DBUS_MESSAGE_TYPE_METHOD_CALL ||
            !dbus_message_has_interface(m, interface))
            return DBUS_HANDLER_RESULT_NOT_YET_HANDLED;
        const auto found = self.handlers.find(dbus_message_get_member(m));
        if (found == self.handlers.end()) return DBUS_HANDLER_RESULT_NOT_YET_HANDLED;
        std::int32_t n = 0;
        const DBusHandlerResult handled = found->second(bus, m, n);
        if (n < 0) self.stopped = true;
        return handled;
    }
};

template <int Methods>
class sized_exporter {
public:
    void make_and_drop() {
        static const DBusObjectPathVTable vtable{nullptr, sized::handle, nullptr,
                                                 nullptr, nullptr,       nullptr};
        sized methods{Methods};
        dbus_connection_register_object_path(ends_.service, path, &vtable, &methods);
        bench::full();
        dbus_connection_unregister_object_path(ends_.service, path);
    }

private:
    bench::libdbus_ends ends_{transport::direct};
};

template <int Methods>
class sized_peers {
public:
    explicit sized_peers(transport t)
        : ends_{t}, destination_{t == transport::direct ? nullptr : bench::service_name},
          service_{[this, t](const auto& ready) {
              sized methods{Methods};
              bench::serve_libdbus(ends_.service, t != transport::direct, sized::handle, &methods,
                                   methods.stopped, ready);
          }} {}
    ~sized_peers() { call(-1); }

    void call(std::int32_t n = 21) {
        DBusMessage* m = dbus_message_new_method_call(destination_, path, interface, last_.c_str());
        dbus_message_append_args(m, DBUS_TYPE_INT32, &n, DBUS_TYPE_INVALID);
        DBusMessage* reply = bench::answer(ends_.client, m);
        std::int32_t result = 0;
        dbus_message_get_args(reply, bench::libdbus_error{}, DBUS_TYPE_INT32, &result,
                              DBUS_TYPE_INVALID);
        dbus_message_unref(reply);
        bench::must(result == 2 * n, "the last method");
    }

private:
    bench::libdbus_ends ends_;
    const char* destination_;
    std::string last_ = bench::numbered_method(Methods - 1);
    bench::service_thread service_;
};

[[maybe_unused]] const bool added[] = {
    bench::add_exports<exporter>("libdbus"),
    bench::add_interface_sizes<sized_exporter, sized_peers>("libdbus",
                                                            {transport::direct, transport::daemon}),
};

} // namespace
