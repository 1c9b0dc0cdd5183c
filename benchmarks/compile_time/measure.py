#!/usr/bin/env python3
"""Compiles the same services with each library, and measures time, memory and size.

    measure.py [--times N] [--only LIBRARY ...] [--json FILE]

User time is the least of N compilations, which take turns; with Qt it includes moc's. Memory is the
peak of the compiler. Size is that of the stripped program; a method's is what it adds to what the
program loads.
"""
import argparse
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

import generate

HERE = pathlib.Path(__file__).resolve().parent
INCLUDE = HERE.parent.parent / "include"
CXX, CC = "g++", "gcc"
# Compiler, flags and package of each library; of ctbus the headers of this repository. All of C++
# are compiled as C++23, as one project would.
LIBRARIES = {
    "ctbus": (CXX, ["-std=c++23", f"-I{INCLUDE}"], "libsystemd"),
    "c": (CC, ["-std=c11"], "libsystemd"),
    "sdbus_cpp": (CXX, ["-std=c++23"], "sdbus-c++"),
    "gdbus": (CC, ["-std=c11"], "gio-2.0"),
    "libdbus": (CC, ["-std=c11"], "dbus-1"),
    "qt_dbus": (CXX, ["-std=c++23", "-fPIC"], "Qt5DBus"),
}
PROGRAMS = ["trivial_service", "calculator", "five_methods", "fifty_methods", "umbrella"]
LEVELS = ["-O2", "-Os"]


def package(name, what):
    """What pkg-config says of a package, or None where it is not installed."""
    asked = subprocess.run(["pkg-config", what, name], stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL, text=True)
    return shlex.split(asked.stdout) if asked.returncode == 0 else None


def run(command):
    """(user seconds, peak kilobytes) of a command and what it starts."""
    process = subprocess.Popen([str(word) for word in command])
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"fails: {shlex.join(str(word) for word in command)}")
    return used.ru_utime, used.ru_maxrss


class Program:
    """One program of one library, at one level of optimisation."""

    def __init__(self, library, name, level, directory):
        self.library, self.name, self.level = library, name, level
        self.compiler, self.flags, self.package = LIBRARIES[library]
        suffix = "cpp" if self.compiler == CXX else "c"
        self.directory = pathlib.Path(directory, library)
        self.directory.mkdir(exist_ok=True)
        self.source = self.directory / f"{name}.{suffix}"
        self.object = self.directory / f"{name}{level}.o"
        written = HERE / library / self.source.name
        if name == "umbrella":
            self.source.write_text(generate.umbrella(library))
        elif name in ("five_methods", "fifty_methods"):
            count = 5 if name == "five_methods" else 50
            self.source.write_text(generate.LIBRARIES[library](count))
        elif written.exists():
            self.source.write_text(written.read_text())
        else:
            self.source = None  # the library has nothing for it

    def command(self):
        return [self.compiler, *self.flags, self.level, f"-I{self.directory}",
                *package(self.package, "--cflags"), "-c", self.source, "-o", self.object]

    def compile(self):
        """(user seconds, peak kilobytes)"""
        seconds = 0.0
        if self.library == "qt_dbus" and self.name != "umbrella":
            seconds, _ = run(["moc", self.source, "-o", self.source.with_suffix(".moc")])
        user, memory = run(self.command())
        return seconds + user, memory

    def sizes(self):
        """(bytes of the stripped program, bytes of it that are loaded)"""
        program = self.object.with_suffix("")
        run([self.compiler, self.level, self.object, "-o", program,
             *package(self.package, "--libs"), "-lm"])
        run(["strip", program])
        loaded = subprocess.run(["size", program], check=True, stdout=subprocess.PIPE, text=True)
        text, data, bss = loaded.stdout.splitlines()[1].split()[:3]
        return program.stat().st_size, int(text) + int(data) + int(bss)


def measure(libraries, programs, levels, times):
    """{library: {program: {level: {user, memory, size, loaded}}}}"""
    results = {}
    with tempfile.TemporaryDirectory() as directory:
        for name in programs:
            for level in levels:
                all_of = [Program(library, name, level, directory) for library in libraries]
                all_of = [p for p in all_of if p.source]
                seen = [(p, *p.compile()) for _ in range(times) for p in all_of]
                for p in all_of:
                    size, loaded = p.sizes()
                    entry = {"user": min(u for q, u, _ in seen if q is p),
                             "memory": max(m for q, _, m in seen if q is p) * 1024,
                             "size": size, "loaded": loaded}
                    results.setdefault(p.library, {}).setdefault(name, {})[level] = entry
    return results


def installed():
    """The libraries that can be compiled with, and those that cannot."""
    there = [library for library, (_, _, name) in LIBRARIES.items()
             if package(name, "--cflags") is not None]
    return there, [library for library in LIBRARIES if library not in there]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--times", type=int, default=3)
    arguments.add_argument("--only", nargs="+", choices=LIBRARIES)
    arguments.add_argument("--json", type=pathlib.Path)
    given = arguments.parse_args()
    there, absent = installed()
    for library in absent:
        print(f"without {library}: {LIBRARIES[library][2]} is not installed", file=sys.stderr)
    there = [library for library in there if not given.only or library in given.only]
    results = measure(there, PROGRAMS, LEVELS, given.times)
    print(f"{'program':18} {'library':10} {'level':5} {'user s':>7} {'MiB':>6} {'size':>8}")
    for library in results:
        for name in results[library]:
            for level, entry in results[library][name].items():
                print(f"{name:18} {library:10} {level:5} {entry['user']:7.2f} "
                      f"{entry['memory'] / 2**20:6.1f} {entry['size']:8}")
    if given.json:
        given.json.write_text(json.dumps(results, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
