// The half that is compiled with -fno-exceptions -fno-rtti.
#include "shared.hpp"

#include <utility>

#if defined(__cpp_exceptions) || defined(__cpp_rtti)
#error this half is about -fno-exceptions -fno-rtti
#endif

namespace mixed::without {

exported serve(const ctbus::connection& bus, ctbus::object_path_view path, calculator& served) {
    using made = ctbus::result<ctbus::object<calculator_vtable>>;
    return exported{new made(ctbus::object<calculator_vtable>::try_make(bus, path, served))};
}

ctbus::result<ctbus::raw_object> respond(const ctbus::connection& bus,
                                         ctbus::object_path_view path) {
    return ctbus::raw_object::try_make(bus, path, responder{});
}

ctbus::result<int> divide(const ctbus::connection& bus, ctbus::object_path_view path, int a,
                          int b) {
    return ctbus::proxy<calculator_vtable>{bus, path}.try_call<"Divide">(a, b);
}

ctbus::result<int> limit(const ctbus::connection& bus, ctbus::object_path_view path) {
    return ctbus::proxy<calculator_vtable>{bus, path}.try_get<"Limit">();
}

ctbus::result<void> set_limit(const ctbus::connection& bus, ctbus::object_path_view path, int n) {
    return ctbus::proxy<calculator_vtable>{bus, path}.try_set<"Limit">(n);
}

ctbus::async_handle divide_async(const ctbus::connection& bus, ctbus::object_path_view path, int a,
                                 int b, std::vector<std::string>& heard) {
    return ctbus::proxy<calculator_vtable>{bus, path}.async_call<"Divide">(a, b).then(
        answer{&heard});
}

ctbus::async_handle divide_later(const ctbus::connection& bus, ctbus::object_path_view path, int a,
                                 int b, std::vector<std::string>& heard) {
    return ctbus::proxy<calculator_vtable>{bus, path}.async_call<"DivideLater">(a, b).then(
        answer{&heard});
}

ctbus::async_handle divide_by_hand(const ctbus::connection& bus, ctbus::object_path_view path,
                                   int a, int b, std::vector<std::string>& heard) {
    return ctbus::proxy<calculator_vtable>{bus, path}.async_call<"DivideByHand">(a, b).then(
        answer{&heard});
}

void limit_async(const ctbus::connection& bus, ctbus::object_path_view path,
                 std::vector<std::string>& heard) {
    ctbus::proxy<calculator_vtable>{bus, path}.async_get<"Limit">().then(answer{&heard}).detach();
}

ctbus::result<void> reply(ctbus::deferred<int>& due, int value) {
    return due.try_reply(value);
}

ctbus::result<ctbus::deferred<int>> defer(const ctbus::message& call) {
    return call.try_defer<int>();
}

ctbus::result<ctbus::subscription> listen(const ctbus::connection& bus,
                                          std::vector<std::string>& heard) {
    return ctbus::try_match_signal<calculator_vtable, "Said">(bus, listener{&heard});
}

ctbus::subscribing subscribe(const ctbus::connection& bus, std::vector<std::string>& heard,
                             int& calls) {
    return ctbus::async_match_signal<calculator_vtable, "Said">(bus, listener{&heard})
        .then(subscribed{&calls});
}

ctbus::stop_wait on_stop(const ctbus::connection& bus, std::stop_token token, int& calls) {
    return ctbus::stopped(bus, std::move(token)).then(stopping{&calls});
}

ctbus::result<void> say(const ctbus::connection& bus, std::string_view words) {
    return ctbus::try_emit<calculator_vtable, "Said">(bus, "/without", words);
}

ctbus::result<void> say(ctbus::object<calculator_vtable>& object, std::string_view words) {
    return object.try_emit<"Said">(words);
}

ctbus::result<ctbus::variant> variant_of(std::string_view text) {
    return ctbus::variant::try_make(text);
}

} // namespace mixed::without
