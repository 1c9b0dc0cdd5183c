#!/usr/bin/env python3
"""generate.py LIBRARY N: writes a service whose interface has N methods, of five kinds by turns:
i -> i, dd -> d, s -> s, as -> u, us -> nothing. Without sense, but each with a body of its own."""
import sys

from generate_c import NAME, PATH, c, gdbus, libdbus


def ctbus(n):
    functions = ["std::int32_t m{i}(std::int32_t n) {{ return n + {i}; }}",
                 "double m{i}(double a, double b) {{ return a + b * {i}; }}",
                 "std::string m{i}(std::string s) {{ return s += \"{i}\"; }}",
                 "std::uint32_t m{i}(const std::vector<std::string>& all) {{"
                 " return static_cast<std::uint32_t>(all.size()) + {i}; }}",
                 "void m{i}(std::uint32_t n, std::string_view s) {{ last = n + s.size() + {i}; }}"]
    body = "\n".join("    " + functions[i % 5].format(i=i) for i in range(n))
    rows = ",\n".join(f'    ctbus::handler<"Method{i}", &many::m{i}>' for i in range(n))
    return f"""#include <ctbus/ctbus.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {{

struct many {{
    std::size_t last = 0;
{body}
}};

struct many_vtable : ctbus::vtable<"{NAME}",
{rows}> {{}};

}} // namespace

int main() {{
    auto bus = ctbus::connection::session();
    many instance;
    const ctbus::object<many_vtable> object{{bus, "{PATH}", instance}};
    bus.request_name("{NAME}");
    bus.run();
}}
"""


def sdbus_cpp(n):
    lambdas = ["[](std::int32_t n) {{ return n + {i}; }}",
               "[](double a, double b) {{ return a + b * {i}; }}",
               "[](std::string s) {{ return s += \"{i}\"; }}",
               "[](const std::vector<std::string>& all) {{"
               " return static_cast<std::uint32_t>(all.size()) + {i}; }}",
               "[&](std::uint32_t n, const std::string& s) {{ last = n + s.size() + {i}; }}"]
    rows = "\n".join(f'    object->registerMethod("Method{i}").onInterface("{NAME}")'
                     f".implementedAs({lambdas[i % 5].format(i=i)});" for i in range(n))
    return f"""#include <sdbus-c++/sdbus-c++.h>

#include <cstdint>
#include <string>
#include <vector>

int main() {{
    std::size_t last = 0;
    const auto bus = sdbus::createSessionBusConnection();
    const auto object = sdbus::createObject(*bus, "{PATH}");
{rows}
    object->finishRegistration();
    bus->requestName("{NAME}");
    bus->enterEventLoop();
}}
"""


def qt_dbus(n):
    functions = ["int Method{i}(int n) {{ return n + {i}; }}",
                 "double Method{i}(double a, double b) {{ return a + b * {i}; }}",
                 "QString Method{i}(const QString& s) {{ return s + \"{i}\"; }}",
                 "uint Method{i}(const QStringList& all) {{"
                 " return static_cast<uint>(all.size()) + {i}; }}",
                 "void Method{i}(uint n, const QString& s) {{"
                 " last = n + static_cast<uint>(s.size()) + {i}; }}"]
    slots = "\n".join("    Q_SCRIPTABLE " + functions[i % 5].format(i=i) for i in range(n))
    word = {5: "five", 50: "fifty"}.get(n, str(n))
    return f"""#include <QCoreApplication>
#include <QDBusConnection>
#include <QDBusError>
#include <QDebug>
#include <QObject>
#include <QStringList>

class many : public QObject {{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "{NAME}")

public:
    uint last = 0;

public slots:
{slots}
}};

int main(int argc, char** argv) {{
    QCoreApplication application{{argc, argv}};
    QDBusConnection bus = QDBusConnection::sessionBus();
    many object;
    if (!bus.registerObject("{PATH}", &object, QDBusConnection::ExportScriptableContents) ||
        !bus.registerService("{NAME}")) {{
        qCritical() << bus.lastError().message();
        return 1;
    }}
    return application.exec();
}}

#include "{word}_methods.moc"
"""


LIBRARIES = {f.__name__: f for f in (ctbus, c, sdbus_cpp, gdbus, libdbus, qt_dbus)}

UMBRELLAS = {"ctbus": "ctbus/ctbus.hpp", "c": "systemd/sd-bus.h",
             "sdbus_cpp": "sdbus-c++/sdbus-c++.h", "gdbus": "gio/gio.h", "libdbus": "dbus/dbus.h",
             "qt_dbus": "QtDBus"}


def umbrella(library):
    """Only the library's headers."""
    return f"#include <{UMBRELLAS[library]}>\n\nint main(void) {{ return 0; }}\n"


if __name__ == "__main__":
    print(LIBRARIES[sys.argv[1]](int(sys.argv[2])), end="")
