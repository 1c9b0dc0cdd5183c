// Qt D-Bus: what is served, as Qt's moc wants it.
#pragma once

#include "../scenarios.hpp"

#include <QDBusMessage>
#include <QObject>
#include <QString>

class served : public QObject {
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.example.Interface")
    Q_PROPERTY(int Level MEMBER level SCRIPTABLE true)
    Q_PROPERTY(int P1 READ p1 SCRIPTABLE true)
    Q_PROPERTY(int P2 READ p2 SCRIPTABLE true)
    Q_PROPERTY(int P3 READ p3 SCRIPTABLE true)
    Q_PROPERTY(int P4 READ p4 SCRIPTABLE true)
    Q_PROPERTY(int P5 READ p5 SCRIPTABLE true)
    Q_PROPERTY(int P6 READ p6 SCRIPTABLE true)
    Q_PROPERTY(int P7 READ p7 SCRIPTABLE true)
    Q_PROPERTY(int P8 READ p8 SCRIPTABLE true)
    Q_PROPERTY(int P9 READ p9 SCRIPTABLE true)

public:
    int level = 7, noted = 0;
    int p1() const { return 1; }
    int p2() const { return 2; }
    int p3() const { return 3; }
    int p4() const { return 4; }
    int p5() const { return 5; }
    int p6() const { return 6; }
    int p7() const { return 7; }
    int p8() const { return 8; }
    int p9() const { return 9; }

public slots:
    Q_SCRIPTABLE int Twice(int n) { return 2 * n; }
    Q_SCRIPTABLE Q_NOREPLY void Note(int n) { noted = n; }
    Q_SCRIPTABLE void Stop() { emit stopped(); }

signals:
    Q_SCRIPTABLE void Changed(int number, const QString& word);
    void stopped();
};

// One method, one property and one signal.
class small_served : public QObject {
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.example.Interface")
    Q_PROPERTY(int Level MEMBER level SCRIPTABLE true)

public:
    int level = 7;

public slots:
    Q_SCRIPTABLE int Twice(int n) { return 2 * n; }

signals:
    Q_SCRIPTABLE void Changed(int number, const QString& word);
};

// Hears a signal, and takes the answers of calls that do not wait.
class listener : public QObject {
    Q_OBJECT

public:
    explicit listener(int& taken) : taken_{taken} {}

public slots:
    void hear(int, const QString& word) {
        bench::keep(word);
        ++taken_;
    }
    void answered(int twice) {
        bench::must(twice == 42, "Twice");
        ++taken_;
    }
    void failed() { bench::give_up("a call", -EIO); }

private:
    int& taken_;
};

// Keeps the message that it is called with.
class keeper : public QObject {
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.example.Interface")

public:
    QDBusMessage kept;

public slots:
    Q_SCRIPTABLE void Take(const QDBusMessage& m) { kept = m; }
};
