// A reply that is sent when its handler has long returned, written in three ways.
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

#include <cctype>
#include <chrono>
#include <deque>
#include <iostream>
#include <string>
#include <thread>

using namespace std::chrono_literals;

struct processor {
    ctbus::connection& bus;
    std::deque<std::pair<std::string, ctbus::deferred<std::string>>> requests;
    ctbus::timer work;

    // 1. A deferred parameter, the last one: every call is answered later.
    void process(std::string request, ctbus::deferred<std::string> reply) {
        requests.emplace_back(std::move(request), std::move(reply));
        work = ctbus::after(bus, 10ms).then([this] { send_replies(); });
    }
    // 2. From the message: the handler chooses. What it returns after defer() is ignored.
    std::string process_long(std::string request, const ctbus::message& call) {
        if (request.size() < 5) return processed(std::move(request));
        process(std::move(request), call.defer<std::string>());
        return {};
    }
    // 3. A coroutine: the reply goes when it returns, and what it borrows stays there until then.
    ctbus::task<std::string> process_soon(std::string_view request) {
        co_await ctbus::after(bus, 10ms);
        co_return processed(std::string{request});
    }

    void send_replies() {
        for (auto& [request, reply] : requests) reply.reply(processed(request));
        requests.clear();
    }
    static std::string processed(std::string text) {
        for (char& c : text) c = static_cast<char>(std::toupper(c));
        return text;
    }
};

struct Processor :
    ctbus::vtable<"org.example.Processor", ctbus::handler<"Process", &processor::process>,
        ctbus::handler<"ProcessLong", &processor::process_long>,
        ctbus::handler<"ProcessSoon", &processor::process_soon>> {};

int main() {
    auto [service, client] = ctbus::connection::pair();
    processor office{service, {}, {}};
    ctbus::object<Processor> object{service, "/processor", office};

    std::jthread caller{[](ctbus::connection bus) {
                            ctbus::proxy<Processor> remote{bus, "/processor"};
                            std::cout << remote.call<"Process">("first way") << '\n'
                                      << remote.call<"ProcessLong">("second way") << '\n'
                                      << remote.call<"ProcessSoon">("third way") << '\n';
                        },
        std::move(client)};
    static_cast<void>(service.try_run()); // until the caller hangs up
}
