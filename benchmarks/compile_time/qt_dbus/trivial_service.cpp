// A service of one method, with Qt D-Bus.
#include <QCoreApplication>
#include <QDBusConnection>
#include <QDBusError>
#include <QDebug>
#include <QObject>

class adder : public QObject {
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.example.Adder")

public slots:
    Q_SCRIPTABLE double Add(double a, double b) { return a + b; }
};

int main(int argc, char** argv) {
    QCoreApplication application{argc, argv};
    QDBusConnection bus = QDBusConnection::sessionBus();
    adder object;
    if (!bus.registerObject("/org/example/adder", &object,
                            QDBusConnection::ExportScriptableContents) ||
        !bus.registerService("org.example.Adder")) {
        qCritical() << bus.lastError().message();
        return 1;
    }
    return application.exec();
}

#include "trivial_service.moc"
