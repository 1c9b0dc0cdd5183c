"""What the figures were measured on, for the page."""
import os
import pathlib
import platform
import re
import subprocess


def first_line(*command):
    """The first line that a command prints, or None where there is no such command."""
    try:
        asked = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except FileNotFoundError:
        return None
    return asked.stdout.splitlines()[0].strip() if asked.returncode == 0 and asked.stdout else None


def describe():
    """[(what, which)]"""
    cpu = re.search(r"^model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    system = re.search(r'^PRETTY_NAME="(.*)"', pathlib.Path("/etc/os-release").read_text(), re.M)
    lines = [
        ("Processor", f"{cpu[1] if cpu else platform.machine()}, {os.cpu_count()} threads"),
        ("Kernel", f"{platform.system()} {platform.release()}"),
        ("System", system[1] if system else "unknown"),
        ("Compiler", first_line("g++", "--version")),
        ("C library", " ".join(platform.libc_ver())),
        ("libsystemd", first_line("pkg-config", "--modversion", "libsystemd")),
        ("sdbus-c++", first_line("pkg-config", "--modversion", "sdbus-c++")),
        ("GLib", first_line("pkg-config", "--modversion", "gio-2.0")),
        ("Qt", first_line("pkg-config", "--modversion", "Qt5DBus")),
        ("libdbus", first_line("pkg-config", "--modversion", "dbus-1")),
        ("dbus-daemon", first_line("dbus-daemon", "--version")),
        ("dbus-broker", first_line("dbus-broker", "--version")),
        ("Valgrind", first_line("valgrind", "--version")),
        ("Load before the run", "{:.1f}, {:.1f}, {:.1f}".format(*os.getloadavg())),
    ]
    return [(what, which or "not installed") for what, which in lines]
