// Replies that are sent when their handlers have long returned.
#include <ctbus/ctbus.hpp>

#include <deque>
#include <iostream>
#include <string>
#include <thread>

class printer {
public:
    // A deferred parameter, the last one: every call is answered later.
    void print(const std::string& text, ctbus::deferred<std::uint32_t> reply) {
        jobs_.push_back({text, std::move(reply)});
    }
    // From the message: the handler chooses. What it returns after defer() is ignored.
    std::uint32_t pages(const ctbus::message& call) {
        if (!jobs_.empty()) jobs_.push_back({"", call.defer<std::uint32_t>()});
        return printed_;
    }
    bool idle() const { return jobs_.empty(); }
    // When the paper comes out. To drop a reply would answer with an error.
    void work() {
        for (job& each : jobs_) {
            each.reply.reply(++printed_);
        }
        jobs_.clear();
    }

private:
    struct job {
        std::string text;
        ctbus::deferred<std::uint32_t> reply;
    };
    std::deque<job> jobs_;
    std::uint32_t printed_ = 0;
};

struct Printer :
    ctbus::vtable<"org.example.Printer", ctbus::handler<"Print", &printer::print>,
        ctbus::handler<"Pages", &printer::pages>> {};

int main() {
    auto [service, client] = ctbus::connection::pair();
    printer office;
    ctbus::object<Printer> object{service, "/printer", office};

    std::jthread caller{[](ctbus::connection bus) {
                            ctbus::proxy<Printer> remote{bus, "/printer"};
                            std::cout << remote.call<"Print">("a long letter") << " page printed\n";
                            std::cout << remote.call<"Pages">() << " in all\n";
                        },
        std::move(client)};

    while (office.idle()) // then the first call is handled, and not answered
        if (!service.process()) service.wait(ctbus::infinite);
    office.work();
    static_cast<void>(service.try_run()); // until the caller hangs up
}
