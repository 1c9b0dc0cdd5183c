// Qt D-Bus: filling a message, and reading one. A QDBusArgument that is made by the program is
// marshalled into at once; what is read is an argument that came in a message, again and again.
// Arguments of basic types are read before a program sees them: there are no rows of reading `ii`
// and `s`.
#include "../marshalling.hpp"
#include "connected.hpp"
#include "served.hpp"

#include <QDBusArgument>
#include <QDBusMetaType>
#include <QDBusPendingCall>
#include <QDBusVariant>
#include <QMap>
#include <QStringList>
#include <QVariantMap>
#include <QVector>

#include <string>
#include <vector>

struct qt_item {
    QString name;
    uint number;
    double weight;
};
Q_DECLARE_METATYPE(qt_item)

QDBusArgument& operator<<(QDBusArgument& argument, const qt_item& i) {
    argument.beginStructure();
    argument << i.name << i.number << i.weight;
    argument.endStructure();
    return argument;
}
const QDBusArgument& operator>>(const QDBusArgument& argument, qt_item& i) {
    argument.beginStructure();
    argument >> i.name >> i.number >> i.weight;
    argument.endStructure();
    return argument;
}

namespace {

// ---- the values in Qt's form ----

struct qt_numbers {
    int a = 1, b = 2;
};
QDBusArgument& operator<<(QDBusArgument& argument, const qt_numbers& value) {
    return argument << value.a << value.b;
}

struct own_form {
    static qt_numbers of(const bench::two_numbers&) { return {}; }
    static QString of(const std::string& s) { return QString::fromStdString(s); }
    static QVector<double> of(const std::vector<double>& all) {
        return QVector<double>{all.begin(), all.end()};
    }
    static QStringList of(const std::vector<std::string>& all) {
        QStringList own;
        for (const std::string& s : all) own << of(s);
        return own;
    }
    static QVector<qt_item> of(const std::vector<bench::item>& all) {
        QVector<qt_item> own;
        for (const bench::item& i : all) own.push_back({of(i.name), i.number, i.weight});
        return own;
    }
};

QVariantMap dynamic_entries(int count) {
    QVariantMap all;
    bench::each_entry(
        count, [&](const std::string& key, int v) { all[own_form::of(key)] = v; },
        [&](const std::string& key, const std::string& v) {
            all[own_form::of(key)] = own_form::of(v);
        },
        [&](const std::string& key, double v) { all[own_form::of(key)] = v; });
    return all;
}

// A struct that travels as a dictionary.
struct qt_fields {
    QString name, vendor, model;
    int width, height, depth;
    uint serial;
    double price, weight;
    bool in_stock;
};
QVariantMap as_map(const qt_fields& t) {
    return {{QStringLiteral("name"), t.name},     {QStringLiteral("vendor"), t.vendor},
            {QStringLiteral("model"), t.model},   {QStringLiteral("width"), t.width},
            {QStringLiteral("height"), t.height}, {QStringLiteral("depth"), t.depth},
            {QStringLiteral("serial"), t.serial}, {QStringLiteral("price"), t.price},
            {QStringLiteral("weight"), t.weight}, {QStringLiteral("in_stock"), t.in_stock}};
}
QDBusArgument& operator<<(QDBusArgument& argument, const qt_fields& t) {
    return argument << as_map(t);
}
const QDBusArgument& operator>>(const QDBusArgument& argument, qt_fields& t) {
    QVariantMap all;
    argument >> all;
    t.name = all[QStringLiteral("name")].toString();
    t.vendor = all[QStringLiteral("vendor")].toString();
    t.model = all[QStringLiteral("model")].toString();
    t.width = all[QStringLiteral("width")].toInt();
    t.height = all[QStringLiteral("height")].toInt();
    t.depth = all[QStringLiteral("depth")].toInt();
    t.serial = all[QStringLiteral("serial")].toUInt();
    t.price = all[QStringLiteral("price")].toDouble();
    t.weight = all[QStringLiteral("weight")].toDouble();
    t.in_stock = all[QStringLiteral("in_stock")].toBool();
    return argument;
}

// ---- the rows ----

// A value that came in a message: sent from one end of a connection to the other.
QVariant received(const QVariant& value) {
    static bench::qt_ends ends{bench::transport::direct};
    static keeper object;
    bench::register_at(ends.service(), QString::fromLatin1(bench::path), object);
    QDBusMessage m = bench::new_qt_call(bench::transport::direct, bench::interface, "Take");
    m << value;
    object.kept = {};
    ends.client().asyncCall(m);
    while (object.kept.arguments().isEmpty())
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    ends.service().unregisterObject(QString::fromLatin1(bench::path));
    return object.kept.arguments().constFirst();
}

QVariant sendable(const auto& value) {
    return QVariant::fromValue(value);
}
QVariant sendable(const qt_fields& value) {
    return as_map(value);
}

template <class T>
class writer {
public:
    static void marshal(const T& value) {
        QDBusArgument argument;
        argument << value;
        bench::keep(argument);
    }
};

template <class T>
class codec : public writer<T> {
public:
    explicit codec(const T& value)
        : argument_{received(sendable(value)).template value<QDBusArgument>()} {}
    void unmarshal() {
        const QDBusArgument from_the_start = argument_;
        T value{};
        from_the_start >> value;
        bench::keep(value);
    }

private:
    QDBusArgument argument_;
};
template <>
class codec<QString> : public writer<QString> {};
template <>
class codec<qt_numbers> : public writer<qt_numbers> {};
template <>
class codec<QStringList> : public writer<QStringList> {};

bool register_types() {
    qDBusRegisterMetaType<qt_item>();
    qDBusRegisterMetaType<QVector<qt_item>>();
    qDBusRegisterMetaType<QVector<double>>();
    return true;
}

[[maybe_unused]] const bool added[] = {
    register_types(),
    bench::add_plain_values<codec, own_form>("qt_dbus"),
    bench::add_dynamic_dictionaries<codec<QVariantMap>>("qt_dbus", dynamic_entries),
    (bench::add_codec<codec<qt_fields>>(
         "qt_dbus", "dict_struct_10",
         qt_fields{"lamp", "Example", "L-100", 120, 300, 120, 4711, 19.95, 0.75, true}),
     true),
};

} // namespace
