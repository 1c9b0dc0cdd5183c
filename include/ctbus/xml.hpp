// The introspection data of interfaces as a text, without an object or a bus.
#pragma once

#include <ctbus/interface.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <systemd/sd-bus.h>
#include <type_traits>

namespace ctbus {

namespace detail {

/// Writes what sd-bus answers Introspect with.
class xml_writer {
public:
    explicit xml_writer(std::string& out) : out_{out} {}

    void begin(const char* interface) { put(" <interface name=\"").put(interface).put("\">\n"); }
    void end() { put(" </interface>\n"); }
    void method(const char* name, std::string_view inputs, std::string_view outputs,
                const char* names, std::uint64_t flags) {
        if ((flags & SD_BUS_VTABLE_HIDDEN) != 0) return;
        put("  <method name=\"").put(name).put("\">\n");
        names = arguments(inputs, names, " direction=\"in\"");
        arguments(outputs, names, " direction=\"out\"");
        annotate((flags & SD_BUS_VTABLE_DEPRECATED) != 0, deprecated, "true");
        annotate((flags & SD_BUS_VTABLE_METHOD_NO_REPLY) != 0,
                 "org.freedesktop.DBus.Method.NoReply", "true");
        put("  </method>\n");
    }
    void property(const char* name, std::string_view type, bool writable, std::uint64_t flags) {
        if ((flags & SD_BUS_VTABLE_HIDDEN) != 0) return;
        put("  <property name=\"").put(name).put("\" type=\"").put(type).put("\" access=\"");
        put(writable ? "readwrite\">\n" : "read\">\n");
        annotate((flags & SD_BUS_VTABLE_DEPRECATED) != 0, deprecated, "true");
        annotate((flags & SD_BUS_VTABLE_PROPERTY_EXPLICIT) != 0,
                 "org.freedesktop.systemd1.Explicit", "true");
        const char* const emits = (flags & SD_BUS_VTABLE_PROPERTY_CONST) != 0 ? "const"
                                  : (flags & SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION) != 0
                                      ? "invalidates"
                                      : "false";
        annotate((flags & SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE) == 0,
                 "org.freedesktop.DBus.Property.EmitsChangedSignal", emits);
        put("  </property>\n");
    }
    void signal(const char* name, std::string_view types, const char* names, std::uint64_t flags) {
        if ((flags & SD_BUS_VTABLE_HIDDEN) != 0) return;
        put("  <signal name=\"").put(name).put("\">\n");
        arguments(types, names, "");
        annotate((flags & SD_BUS_VTABLE_DEPRECATED) != 0, deprecated, "true");
        put("  </signal>\n");
    }

private:
    static constexpr char deprecated[] = "org.freedesktop.DBus.Deprecated";

    xml_writer& put(std::string_view text) {
        out_ += text;
        return *this;
    }
    void annotate(bool is, const char* name, const char* value) {
        if (is) put("   <annotation name=\"").put(name).put("\" value=\"").put(value).put("\"/>\n");
    }
    // `names`: each followed by NUL, and an empty one at the end; what is left of them.
    const char* arguments(std::string_view types, const char* names, const char* direction) {
        while (!types.empty()) {
            const std::size_t size = first_type(types);
            put("   <arg type=\"").put(types.substr(0, size)).put("\"");
            if (*names != 0) {
                put(" name=\"").put(names).put("\"");
                names += std::strlen(names) + 1;
            }
            put(direction).put("/>\n");
            types.remove_prefix(size);
        }
        return names;
    }
    // The length of the complete type that a signature begins with.
    static std::size_t first_type(std::string_view types) {
        std::size_t at = 0;
        while (types[at] == 'a') ++at;
        int open = 0;
        do {
            open += types[at] == '(' || types[at] == '{';
            open -= types[at] == ')' || types[at] == '}';
            ++at;
        } while (open != 0);
        return at;
    }

    std::string& out_;
};

template <class Spec>
void write_xml(xml_writer& out) {
    constexpr std::uint64_t flags = Spec::options::flags;
    if constexpr (std::is_same_v<typename Spec::tag, method_tag>)
        out.method(Spec::c_name, Spec::signature, Spec::result, Spec::names, flags);
    else if constexpr (std::is_same_v<typename Spec::tag, property_tag>)
        out.property(Spec::c_name, Spec::signature, Spec::writable, flags);
    else out.signal(Spec::c_name, Spec::signature, Spec::names, flags);
}
template <class I, class... Specs>
void write_xml(xml_writer& out, type_list<Specs...>) {
    if constexpr (I::is_right) {
        out.begin(I::c_interface_name);
        (write_xml<Specs>(out), ...);
        out.end();
    }
}

} // namespace detail

/// The document in which D-Bus describes these interfaces, as sd-bus would of an object that has
/// them and where access rules do not apply (no org.freedesktop.systemd1.Privileged): for a file
/// that tools of other languages read. `hidden` members are left out.
template <class... Interfaces>
std::string introspection_xml() {
    std::string text =
        "<!DOCTYPE node PUBLIC \"-//freedesktop//DTD D-BUS Object Introspection 1.0//EN\"\n"
        "\"http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd\">\n<node>\n";
    detail::xml_writer out{text};
    (detail::write_xml<detail::judged_interface<Interfaces>>(
         out, typename detail::judged_interface<Interfaces>::specs{}),
     ...);
    return text += "</node>\n";
}

} // namespace ctbus
