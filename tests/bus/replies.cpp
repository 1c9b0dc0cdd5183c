// One answer to each call, counted by a monitor of the bus: the bus itself would hide a second one.
#include "support/raw_bus.hpp"

#include <ctbus/ctbus.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <ostream> // doctest prints string_views
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using test::arrivals;

constexpr const char* interface = "org.ctbus.Replies";
constexpr const char* path = "/replies";

std::vector<std::string> reported;
struct report_collector {
    ctbus::report_handler before =
        ctbus::set_report_handler([](const ctbus::error& e) { reported.emplace_back(e.what()); });
    report_collector() { reported.clear(); }
    ~report_collector() { ctbus::set_report_handler(before); }
};

class replies {
public:
    ctbus::message kept;
    ctbus::result<void> second;

    // S3
    std::string remember(std::string_view text, std::int32_t number, ctbus::message call) {
        kept = call;
        return std::string{text} + std::to_string(number);
    }

    // S13
    std::int32_t reply_then_return(const ctbus::message& call) {
        call.reply(std::int32_t{1});
        return 2;
    }
    std::int32_t reply_then_throw(const ctbus::message& call) {
        call.reply(std::int32_t{1});
        throw std::runtime_error{"too late"};
    }
    void reply_then_outputs(const ctbus::message& call, std::int32_t& number, std::string& text) {
        call.reply(std::int32_t{1}, "one");
        number = 2;
        text = "two";
    }
    std::int32_t error_then_return(const ctbus::message& call) {
        call.reply_error(ctbus::error::make<"org.ctbus.Error.First">("first"));
        return 2;
    }
    std::int32_t error_then_throw(const ctbus::message& call) {
        call.reply_error(ctbus::error::make<"org.ctbus.Error.First">("first"));
        throw std::runtime_error{"too late"};
    }
    std::int32_t two_replies(const ctbus::message& call) {
        call.reply(std::int32_t{1});
        second = call.try_reply(std::int32_t{2});
        return 3;
    }
    std::int32_t reply_then_error(const ctbus::message& call) {
        call.reply(std::int32_t{1});
        second = call.try_reply_error(ctbus::error::make<"org.ctbus.Error.Second">("second"));
        return 3;
    }
    std::int32_t made_by_hand(const ctbus::message& call) {
        ctbus::message reply = call.new_reply();
        reply.append(std::int32_t{1});
        reply.send();
        return 2;
    }
    std::int32_t sent_by_connection(const ctbus::message& call) {
        ctbus::message reply = call.new_error(ctbus::error::make<"org.ctbus.Error.Made">("made"));
        bus->send(reply);
        second = bus->try_send(reply);
        return 2;
    }
    std::int32_t made_not_sent(const ctbus::message& call) {
        ctbus::message reply = call.new_reply();
        reply.append(std::int32_t{1});
        return 2;
    }
    std::int32_t throws() { throw std::runtime_error{"caf\xe9"}; }
    void nothing() {}

    const ctbus::connection* bus = nullptr;
};

// clang-format off
struct replies_vtable : ctbus::vtable<"org.ctbus.Replies",
    ctbus::handler<"Remember", &replies::remember>,
    ctbus::handler<"ReplyThenReturn", &replies::reply_then_return>,
    ctbus::handler<"ReplyThenThrow", &replies::reply_then_throw>,
    ctbus::handler<"ReplyThenOutputs", &replies::reply_then_outputs>,
    ctbus::handler<"ErrorThenReturn", &replies::error_then_return>,
    ctbus::handler<"ErrorThenThrow", &replies::error_then_throw>,
    ctbus::handler<"TwoReplies", &replies::two_replies>,
    ctbus::handler<"ReplyThenError", &replies::reply_then_error>,
    ctbus::handler<"MadeByHand", &replies::made_by_hand>,
    ctbus::handler<"SentByConnection", &replies::sent_by_connection>,
    ctbus::handler<"MadeNotSent", &replies::made_not_sent>,
    ctbus::handler<"Throws", &replies::throws>,
    ctbus::handler<"Nothing", &replies::nothing>,
    ctbus::handler<"NoReply", &replies::nothing, ctbus::no_reply>> {};
// clang-format on

struct fixture : test::observed {
    replies served;
    ctbus::object<replies_vtable> object{service, "/replies", served};
    report_collector reports;

    fixture() { served.bus = &service; }
    arrivals ask(const char* method) { return call(path, interface, method); }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "S3 a kept message tells about its call, and can be read, later") {
    CHECK(call(path, interface, "Remember", "si", "text", 5).reply() == "\"text5\"");
    call(path, interface, "Nothing");
    ctbus::message& kept = served.kept;
    CHECK(kept.sender() == client.unique_name());
    CHECK(kept.destination() == name());
    CHECK(kept.path() == "/replies");
    CHECK(kept.interface() == "org.ctbus.Replies");
    CHECK(kept.member() == "Remember");
    CHECK(kept.signature() == "si");
    kept.rewind();
    CHECK(kept.read<std::string, std::int32_t>() == std::tuple{std::string{"text"}, 5});
    CHECK_FALSE(kept.try_reply(std::string{"too late"}).has_value());
    CHECK(sent_by_service().empty());
}

TEST_CASE_FIXTURE(fixture, "S13 an explicit reply is the only one, whatever follows") {
    CHECK(ask("ReplyThenReturn").reply() == "1");
    CHECK(ask("ReplyThenOutputs").reply() == "1 \"one\"");
    CHECK(ask("MadeByHand").reply() == "1");
    CHECK(ask("ErrorThenReturn").error_name() == "org.ctbus.Error.First");
    CHECK(reported.empty());
    CHECK(ask("ReplyThenThrow").reply() == "1");
    CHECK(ask("ErrorThenThrow").error_name() == "org.ctbus.Error.First");
    REQUIRE(reported.size() == 2);
    CHECK(test::contains(reported[0], "too late"));
}

TEST_CASE_FIXTURE(fixture, "S13 a second explicit reply fails, and is not sent") {
    CHECK(ask("TwoReplies").reply() == "1");
    CHECK_FALSE(served.second.has_value());
    served.second = {};
    CHECK(ask("ReplyThenError").reply() == "1");
    CHECK_FALSE(served.second.has_value());
    served.second = {};
    CHECK(ask("SentByConnection").error_name() == "org.ctbus.Error.Made");
    CHECK_FALSE(served.second.has_value());
}

TEST_CASE_FIXTURE(fixture, "S13 a reply that was made but not sent: the automatic one") {
    CHECK(ask("MadeNotSent").reply() == "2");
}

TEST_CASE_FIXTURE(fixture, "S12 S20 S40 one answer to whatever is called") {
    CHECK(ask("Nothing").reply().empty());
    CHECK(ask("NoReply").reply().empty());
    CHECK(ask("Throws").error_text() == "caf?");
    CHECK(ask("Absent").error_name() == "org.freedesktop.DBus.Error.UnknownMethod");
    CHECK(call("/absent", interface, "Nothing").error_name() ==
          "org.freedesktop.DBus.Error.UnknownObject");
    CHECK(call(path, interface, "Nothing", "s", "surplus").error_name() == test::invalid_args);
}

TEST_CASE_FIXTURE(fixture, "S7 nothing is sent to who wants no reply") {
    for (const char* method : {"Nothing", "NoReply", "Throws", "ReplyThenReturn", "ErrorThenReturn",
                               "TwoReplies", "MadeByHand", "MadeNotSent", "Absent"}) {
        CAPTURE(method);
        const test::raw_message m = make_call(path, interface, method);
        REQUIRE(sd_bus_message_set_expect_reply(m.get(), 0) >= 0);
        CHECK(exchange(m).empty());
    }
}

// ---- S19: somebody is gone ----

namespace {

class vanishing {
public:
    test::observed* all = nullptr;
    std::unique_ptr<ctbus::object<struct vanishing_vtable>> object;
    std::optional<ctbus::connection> own_bus;
    int handled = 0;

    void export_on(const ctbus::connection& bus);

    std::int32_t caller_goes(const ctbus::message& call) {
        hang_up(call);
        return ++handled;
    }
    std::int32_t caller_goes_then_throws(const ctbus::message& call) {
        hang_up(call);
        ++handled;
        throw std::runtime_error{"nobody hears this"};
    }
    std::int32_t caller_goes_then_replies(const ctbus::message& call) {
        hang_up(call);
        call.reply(++handled);
        return 0;
    }
    std::int32_t object_goes() {
        object.reset();
        return ++handled;
    }
    std::int32_t object_goes_then_throws() {
        object.reset();
        ++handled;
        throw std::runtime_error{"gone"};
    }
    std::int32_t object_goes_then_replies(const ctbus::message& call) {
        object.reset();
        call.reply(++handled);
        return 0;
    }
    std::int32_t connection_goes() {
        own_bus.reset();
        return ++handled;
    }
    std::int32_t connection_goes_then_replies(const ctbus::message& call) {
        own_bus.reset();
        ++handled;
        CHECK_FALSE(call.try_reply(std::int32_t{1}).has_value());
        throw std::runtime_error{"gone"};
    }

private:
    // Returns when the bus has noticed.
    void hang_up(const ctbus::message& call) {
        const ctbus::bus_name caller = call.sender();
        sd_bus_close(all->client.get());
        while (all->service.name_has_owner(caller)) {
        }
    }
};

// clang-format off
struct vanishing_vtable : ctbus::vtable<"org.ctbus.Replies",
    ctbus::handler<"CallerGoes", &vanishing::caller_goes>,
    ctbus::handler<"CallerGoesThenThrows", &vanishing::caller_goes_then_throws>,
    ctbus::handler<"CallerGoesThenReplies", &vanishing::caller_goes_then_replies>,
    ctbus::handler<"ObjectGoes", &vanishing::object_goes>,
    ctbus::handler<"ObjectGoesThenThrows", &vanishing::object_goes_then_throws>,
    ctbus::handler<"ObjectGoesThenReplies", &vanishing::object_goes_then_replies>,
    ctbus::handler<"ConnectionGoes", &vanishing::connection_goes>,
    ctbus::handler<"ConnectionGoesThenReplies", &vanishing::connection_goes_then_replies>> {};
// clang-format on

void vanishing::export_on(const ctbus::connection& bus) {
    object = std::make_unique<ctbus::object<vanishing_vtable>>(
        bus, ctbus::object_path_view{"/replies"}, *this);
}

} // namespace

TEST_CASE("S19 the caller goes while its call is handled: one message at most, and no crash") {
    for (const char* method : {"CallerGoes", "CallerGoesThenThrows", "CallerGoesThenReplies"}) {
        CAPTURE(method);
        test::observed all;
        report_collector reports;
        vanishing served;
        served.all = &all;
        served.export_on(all.service);
        all.client.send(all.make_call(path, interface, method));
        CHECK(all.sent_by_service().size() == 1);
        CHECK(served.handled == 1);
        CHECK(all.sent_by_service().empty()); // it serves on
    }
}

TEST_CASE("S19 callers that are gone before their calls are handled") {
    fixture all;
    {
        const test::raw_client hasty;
        for (int i = 0; i < 20; ++i)
            hasty.send(hasty.make_call(all.name(), path, interface,
                                       i % 2 == 0 ? "Nothing" : "ReplyThenReturn"));
    }
    CHECK(all.sent_by_service().size() == 20);
    CHECK(all.ask("Nothing").reply().empty());
}

TEST_CASE("S19 the object goes while its call is handled: one answer") {
    test::observed all;
    vanishing served;
    served.all = &all;
    for (const char* method : {"ObjectGoes", "ObjectGoesThenReplies", "ObjectGoesThenThrows"}) {
        CAPTURE(method);
        served.export_on(all.service);
        served.handled = 0;
        const arrivals answer = all.call(path, interface, method);
        CHECK(answer.only().body() == (answer.only().type() == "error" ? "\"gone\"" : "1"));
        CHECK(all.call(path, interface, method).error_name() ==
              "org.freedesktop.DBus.Error.UnknownObject");
    }
}

TEST_CASE("S19 the connection goes while a call is handled: the caller hears so from the bus") {
    for (const char* method : {"ConnectionGoes", "ConnectionGoesThenReplies"}) {
        CAPTURE(method);
        report_collector reports;
        test::raw_client client;
        vanishing served;
        served.own_bus = ctbus::connection::session();
        const std::string name = served.own_bus->unique_name().str();
        served.export_on(*served.own_bus);
        client.send(client.make_call(name, path, interface, method));
        while (served.handled == 0) {
            if (served.own_bus->process()) continue;
            test::wait_for_any({served.own_bus->get()});
        }
        CHECK_FALSE(served.own_bus.has_value());
        while (client.got.empty())
            if (!client.process()) test::wait_for_any({client.get()});
        CHECK(client.got.error_name() == "org.freedesktop.DBus.Error.NoReply");
        served.object.reset(); // after its connection
    }
}
