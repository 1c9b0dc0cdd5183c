// Two connected ends that one thread runs, and what tests of coroutines look at.
#pragma once

#include <ctbus/connection.hpp>
#include <ctbus/report.hpp>

#include "must.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace test {

using namespace std::chrono_literals;

/// Both ends of a direct connection.
struct both_ends {
    std::pair<ctbus::connection, ctbus::connection> ends = must(ctbus::connection::try_pair());
    ctbus::connection& service = ends.first;
    ctbus::connection& client = ends.second;

    /// Whether one of them had something to do. An end that is closed or lost has not.
    bool step() const {
        const bool served = service.try_process().value_or(false);
        return client.try_process().value_or(false) || served;
    }
    void settle() const {
        while (step()) {
        }
    }
    /// Runs both until `done()`; false: that took too long.
    template <class F>
    bool until(F&& done, std::chrono::milliseconds most = 20s) const {
        const auto end = std::chrono::steady_clock::now() + most;
        while (!done()) {
            if (std::chrono::steady_clock::now() > end) return false;
            if (step()) continue;
            static_cast<void>(client.try_wait(500us));
            static_cast<void>(service.try_wait(500us));
        }
        return true;
    }
};

/// Closes a connection that its variable goes on to share.
inline void close(ctbus::connection& bus) {
    static_cast<void>(ctbus::connection{std::move(bus)});
}

/// What was reported as long as this lives. One at a time.
class reports {
public:
    reports() {
        texts().clear();
        before_ = ctbus::set_report_handler(
            [](const ctbus::error& e) { texts().emplace_back(e.what()); });
    }
    reports(const reports&) = delete;
    reports& operator=(const reports&) = delete;
    ~reports() { ctbus::set_report_handler(before_); }

    static std::vector<std::string>& texts() {
        static std::vector<std::string> all;
        return all;
    }

private:
    ctbus::report_handler before_ = nullptr;
};

/// Counts itself: a coroutine's local variable.
class local {
public:
    explicit local(int& count) : count_{count} { ++count_; }
    local(const local&) = delete;
    local& operator=(const local&) = delete;
    ~local() { --count_; }

private:
    int& count_;
};

} // namespace test
