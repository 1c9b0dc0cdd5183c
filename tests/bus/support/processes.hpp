// Processes that a test starts and stops: programs of tests/bus/programs, and a bus of its own.
#pragma once

#include <ctbus/connection.hpp>

#include <doctest/doctest.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <spawn.h>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace test {

inline std::string environment(const char* name) {
    const char* value = ::getenv(name);
    REQUIRE_MESSAGE(value, name << " is not set");
    return value;
}

/// A running program, whose standard output is read. What is left of it is killed.
class process {
public:
    /// `command` without a slash is looked for in PATH.
    explicit process(const std::vector<std::string>& command, bool quiet = false) {
        int ends[2];
        REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        std::vector<char*> words;
        for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
        words.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        if (quiet)
            ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        const int r = ::posix_spawnp(&pid_, words[0], &actions, nullptr, words.data(), ::environ);
        ::posix_spawn_file_actions_destroy(&actions);
        ::close(ends[1]);
        output_ = ends[0];
        if (r != 0) pid_ = -1;
        REQUIRE_MESSAGE(r == 0, "cannot start " << command[0]);
    }
    process(const process&) = delete;
    process& operator=(const process&) = delete;
    ~process() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            wait();
        }
        ::close(output_);
    }

    void send(int signal) const {
        REQUIRE(pid_ > 0); // anything else would mean many processes
        ::kill(pid_, signal);
    }
    /// How it ended: its exit status, or the negative of the signal that ended it.
    int wait() {
        REQUIRE(pid_ > 0);
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    /// The next line of its output; without an end where there is none any more.
    std::string read_line() {
        std::string line;
        for (char c = 0; c != '\n' && ::read(output_, &c, 1) == 1;) line += c;
        return line;
    }

private:
    pid_t pid_ = -1;
    int output_ = -1;
};

/// A program of tests/bus/programs that says "ready" first; for open_default(), the session bus has
/// started it.
class service_process : public process {
public:
    explicit service_process(const std::string& program) : process{{prepared(program)}} {
        REQUIRE(read_line() == "ready\n");
    }

private:
    static std::string prepared(const std::string& program) {
        ::setenv("DBUS_STARTER_ADDRESS", environment("DBUS_SESSION_BUS_ADDRESS").c_str(), 1);
        ::setenv("DBUS_STARTER_BUS_TYPE", "session", 1);
        return environment("CTBUS_BUILD_DIR") + "/tests/bus/" + program;
    }
};

/// A bus that a test may kill.
class own_bus {
public:
    const std::string& address() const { return address_; }
    ctbus::connection connect() const { return ctbus::connection::open(address_); }
    void kill() {
        daemon_.send(SIGKILL);
        daemon_.wait();
    }

private:
    // In the folder of the private buses, which goes with them.
    static std::string write_configuration() {
        static int number = 0;
        const std::string base = environment("XDG_RUNTIME_DIR") + "/own" +
                                 std::to_string(::getpid()) + '_' + std::to_string(++number);
        std::ofstream{base + ".conf"}
            << "<!DOCTYPE busconfig PUBLIC '-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN'\n"
               " 'http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd'>\n"
               "<busconfig><type>session</type><listen>unix:path="
            << base
            << "</listen><auth>EXTERNAL</auth><policy context='default'>"
               "<allow user='*'/><allow own='*'/>"
               "<allow send_destination='*' eavesdrop='true'/><allow eavesdrop='true'/>"
               "</policy></busconfig>\n";
        return base + ".conf";
    }
    std::string first_line() {
        std::string line = daemon_.read_line();
        REQUIRE_MESSAGE(!line.empty(), "the test's own bus did not start");
        line.pop_back();
        return line;
    }

    process daemon_{{"dbus-daemon", "--config-file=" + write_configuration(), "--nofork",
                     "--nopidfile", "--print-address=1"},
                    true};
    std::string address_ = first_line();
};

} // namespace test
