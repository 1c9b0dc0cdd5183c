// One service that both halves of the program export, call and hear. Its functions are defined in
// with_exceptions.cpp: there they throw where `throws` is set; the half without exceptions would
// not survive that, so that one which caught with the other's code would end the program.
#pragma once

#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>
#include <ctbus/raw_object.hpp>
#include <ctbus/stop.hpp>

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mixed {

struct calculator {
    bool throws = false;
    int limit = 100;

    std::vector<ctbus::deferred<int>> kept = {}; // answers of divide_later() that are due

    ctbus::result<int> divide(int a, int b);
    void divide_later(int a, int b, ctbus::deferred<int> answer); // by 0: an error, or a throw
    int divide_by_hand(int a, int b, const ctbus::message& call); // defers it if b is 0
    ctbus::result<int> get_limit() const;                         // of a limit that is 0: an error
    ctbus::result<void> set_limit(int n);
};
struct calculator_vtable
    : ctbus::vtable<"org.example.Mixed", ctbus::handler<"Divide", &calculator::divide>,
                    ctbus::handler<"DivideLater", &calculator::divide_later>,
                    ctbus::handler<"DivideByHand", &calculator::divide_by_hand>,
                    ctbus::accessor<"Limit", &calculator::get_limit, &calculator::set_limit>,
                    ctbus::signal<"Said", void(std::string)>> {};

/// A signal's callback.
struct listener {
    std::vector<std::string>* heard;
    bool throws = false;
    void operator()(std::string_view words) const;
};
/// That of an asynchronous call.
struct answer {
    std::vector<std::string>* heard;
    bool throws = false;
    void operator()(const ctbus::result<int>& outcome) const;
};
/// A raw object's.
struct responder {
    bool throws = false;
    void operator()(const ctbus::message& call) const;
};

/// That of a subscription that does not wait, and of a stop request.
struct subscribed {
    int* calls;
    bool throws = false;
    void operator()(const ctbus::result<ctbus::subscription>& outcome) const;
};
struct stopping {
    int* calls;
    bool throws = false;
    void operator()() const;
};

/// An object is not moved; this one is handed from one half to the other.
using exported = std::unique_ptr<ctbus::result<ctbus::object<calculator_vtable>>>;

/// What the half without exceptions does.
namespace without {
exported serve(const ctbus::connection& bus, ctbus::object_path_view path, calculator& served);
ctbus::result<ctbus::raw_object> respond(const ctbus::connection& bus,
                                         ctbus::object_path_view path);
ctbus::result<int> divide(const ctbus::connection& bus, ctbus::object_path_view path, int a, int b);
ctbus::result<int> limit(const ctbus::connection& bus, ctbus::object_path_view path);
ctbus::result<void> set_limit(const ctbus::connection& bus, ctbus::object_path_view path, int n);
ctbus::async_handle divide_async(const ctbus::connection& bus, ctbus::object_path_view path, int a,
                                 int b, std::vector<std::string>& heard);
ctbus::async_handle divide_later(const ctbus::connection& bus, ctbus::object_path_view path, int a,
                                 int b, std::vector<std::string>& heard);
ctbus::async_handle divide_by_hand(const ctbus::connection& bus, ctbus::object_path_view path,
                                   int a, int b, std::vector<std::string>& heard);
void limit_async(const ctbus::connection& bus, ctbus::object_path_view path,
                 std::vector<std::string>& heard); // detached
ctbus::result<void> reply(ctbus::deferred<int>& due, int value);
ctbus::result<ctbus::deferred<int>> defer(const ctbus::message& call);
ctbus::result<ctbus::subscription> listen(const ctbus::connection& bus,
                                          std::vector<std::string>& heard);
ctbus::subscribing subscribe(const ctbus::connection& bus, std::vector<std::string>& heard,
                             int& calls);
ctbus::stop_wait on_stop(const ctbus::connection& bus, std::stop_token token, int& calls);
ctbus::result<void> say(const ctbus::connection& bus, std::string_view words);
ctbus::result<void> say(ctbus::object<calculator_vtable>& object, std::string_view words);
ctbus::result<ctbus::variant> variant_of(std::string_view text);
} // namespace without

} // namespace mixed
