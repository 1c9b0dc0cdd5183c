// The calculator of ctbus's README, with Qt D-Bus.
#include <QCoreApplication>
#include <QDBusConnection>
#include <QDBusContext>
#include <QDBusError>
#include <QDBusMessage>
#include <QDebug>
#include <QObject>
#include <QVariantMap>

#include <cmath>

class calculator : public QObject, protected QDBusContext {
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.example.Calculator")
    Q_PROPERTY(uint Precision READ precision WRITE set_precision SCRIPTABLE true)

public:
    uint precision() const { return precision_; }
    void set_precision(uint value) {
        precision_ = value;
        QDBusMessage changed = QDBusMessage::createSignal(
            "/org/example/calculator", "org.freedesktop.DBus.Properties", "PropertiesChanged");
        changed << "org.example.Calculator" << QVariantMap{{"Precision", value}} << QStringList{};
        QDBusConnection::sessionBus().send(changed);
    }

public slots:
    Q_SCRIPTABLE double Add(double a, double b) {
        if (std::isinf(a + b)) emit Overflowed("Add", a + b);
        return a + b;
    }
    Q_SCRIPTABLE int DivMod(int n, int d, int& remainder) {
        if (d == 0) {
            sendErrorReply("org.example.Calculator.DividedByZero", "the divisor is 0");
            return 0;
        }
        remainder = n % d;
        return n / d;
    }
    Q_SCRIPTABLE Q_NOREPLY void Reset() { precision_ = 2; }

signals:
    Q_SCRIPTABLE void Overflowed(const QString& operation, double value);

private:
    uint precision_ = 2;
};

int main(int argc, char** argv) {
    QCoreApplication application{argc, argv};
    QDBusConnection bus = QDBusConnection::sessionBus();
    calculator object;
    if (!bus.registerObject("/org/example/calculator", &object,
                            QDBusConnection::ExportScriptableContents) ||
        !bus.registerService("org.example.Calculator")) {
        qCritical() << bus.lastError().message();
        return 1;
    }
    return application.exec();
}

#include "calculator.moc"
