// What the scenario knows of an event loop. Each loop's own file defines make_loop().
#pragma once

#include <ctbus/connection.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace test {

/// Connections and what a loop keeps for each. They may come and go while each() runs.
template <class Kept>
class connections {
public:
    Kept& add(ctbus::connection& bus) {
        return *entries_.emplace_back(&bus, std::make_unique<Kept>()).second;
    }
    void remove(const ctbus::connection& bus) {
        std::erase_if(entries_, [&](const auto& e) { return e.first == &bus; });
    }
    template <class F>
    void each(F&& f) {
        std::vector<ctbus::connection*> all;
        for (const auto& e : entries_) all.push_back(e.first);
        for (ctbus::connection* bus : all)
            if (Kept* found = find(*bus)) f(*bus, *found);
    }
    bool has(const ctbus::connection& bus) { return find(bus) != nullptr; }

private:
    std::vector<std::pair<ctbus::connection*, std::unique_ptr<Kept>>> entries_;

    Kept* find(const ctbus::connection& bus) {
        const auto at = std::find_if(entries_.begin(), entries_.end(),
                                     [&](const auto& e) { return e.first == &bus; });
        return at == entries_.end() ? nullptr : at->second.get();
    }
};

class loop {
public:
    loop() = default;
    loop(const loop&) = delete;
    loop& operator=(const loop&) = delete;
    virtual ~loop() = default;

    /// Runs the connection from now on; it stays where it is.
    virtual void add(ctbus::connection& bus) = 0;
    /// Does not run it any more. May be called inside a handler.
    virtual void remove(ctbus::connection& bus) = 0;
    virtual bool can_remove() const { return true; }
    /// The connection is about to be closed: for loops that do not notice by themselves.
    virtual void closing(ctbus::connection& bus) { remove(bus); }

    /// One turn; sleeps until there is something to do.
    virtual void turn() = 0;
    /// False: it sleeps in short slices, as it has to look after each connection by itself.
    virtual bool sleeps() const { return true; }

    void run_until(const std::function<bool()>& done) {
        for (; !done(); ++turns) turn();
    }

protected:
    /// One connection's turn, for loops over what poll_data() says.
    template <class Kept>
    void process(connections<Kept>& all, ctbus::connection& bus) {
        for (int n = 0; n < 64; ++n) { // then it is another one's turn
            const auto worked = bus.try_process();
            if (!all.has(bus)) return;
            if (!worked) {
                lost.emplace_back(worked.error().what());
                return remove(bus);
            }
            if (!*worked) return;
        }
    }

public:
    std::size_t turns = 0;
    /// Lost connections, in the loop's words.
    std::vector<std::string> lost;
};

std::unique_ptr<loop> make_loop();

/// A loop that sleeps though there is something to do ends the program, by SIGALRM.
struct alarmed {
    alarmed() { ::alarm(30); }
    alarmed(const alarmed&) = delete;
    alarmed& operator=(const alarmed&) = delete;
    ~alarmed() { ::alarm(0); }
};

} // namespace test
