#!/usr/bin/env python3
"""methods.py N: writes a class of N methods, which Qt's moc reads: it knows no templates."""
import sys

count = int(sys.argv[1])
print(f"""// A class of {count} methods, all alike.
#pragma once

#include <QObject>

class methods_{count} : public QObject {{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.example.Interface")

public slots:""")
for i in range(count):
    print(f"    Q_SCRIPTABLE int Method{1000 + i}(int n) {{ return take(n); }}")
print("""
signals:
    void stopped();

private:
    int take(int n) {
        if (n < 0) emit stopped();
        return 2 * n;
    }
};""")
