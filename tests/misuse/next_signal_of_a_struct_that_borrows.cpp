// expect: ctbus: a struct that a proxy returns has to own its data: use std::string for std::string_view, a container for std::span
// names: "Added"
#include <ctbus/async.hpp>
#include <ctbus/proxy.hpp>

#include <string_view>

struct entry {
    std::string_view name;
    int value;
};
struct Entries : ctbus::interface<"org.example.Entries", ctbus::signal<"Added", void(entry)>> {};

#ifdef MISUSE
ctbus::task<int> first_value(ctbus::proxy<Entries> entries) {
    auto added = co_await entries.next<"Added">();
    co_return added->value;
}
#else
ctbus::subscription print(const ctbus::proxy<Entries>& entries) {
    return entries.on<"Added">([](const entry&) {});
}
#endif
