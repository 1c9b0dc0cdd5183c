// One error, read by several threads at once: what it says is made when it is first asked for.
#include <ctbus/error.hpp>

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <string_view>
#include <thread>

TEST_CASE("threads read one error, and copies of it, at once") {
    for (int round = 0; round < 50; ++round) {
        const ctbus::error shared{"org.freedesktop.DBus.Error.NoMemory", "text", "while testing"};
        std::array<const char*, 4> seen{};
        std::atomic<int> ready = 0;
        {
            std::array<std::jthread, 4> threads;
            for (std::size_t i = 0; i < threads.size(); ++i)
                threads[i] = std::jthread{[&, i] {
                    const ctbus::error copy = shared;
                    ++ready;
                    while (ready != 4) {
                    }
                    const bool right = copy.code() == ENOMEM && copy.message() == "text";
                    seen[i] = right ? copy.what() : "another";
                }};
        }
        for (const char* what : seen) {
            CHECK(what == shared.what());
            CHECK(std::string_view{what} ==
                  "org.freedesktop.DBus.Error.NoMemory: text (while testing)");
        }
    }
}
