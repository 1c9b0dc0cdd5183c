"""Starts a program of tests/bus/programs, and sees how it ends."""
import os
import signal
import subprocess

NAME = "org.ctbus.Types"
PROGRAMS = os.path.join(os.environ["CTBUS_BUILD_DIR"], "tests", "bus")
INVALID_ARGS = "org.freedesktop.DBus.Error.InvalidArgs"


class Service:
    """A running program that has said "ready"; `environment` adds to its own."""

    def __init__(self, program, *arguments, stderr=None, environment=None):
        self.process = subprocess.Popen(
            [os.path.join(PROGRAMS, program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env={**os.environ, **(environment or {})},
        )
        line = self.process.stdout.readline()
        if line != b"ready\n":
            self.process.kill()
            raise RuntimeError(f"{program} did not start: {line!r}")

    def running(self):
        return self.process.poll() is None

    def stop(self):
        """Asks it to end, and returns its exit status; the sanitizers make that 1 or more."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self):
        status = self.process.wait(timeout=60)
        self.process.stdout.close()
        return status


def run(command, environment=None):
    """A command's (exit status, standard output, standard error)."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        env={**os.environ, **(environment or {})},
    )
    return (
        done.returncode,
        done.stdout.decode(errors="replace"),
        done.stderr.decode(errors="replace"),
    )
