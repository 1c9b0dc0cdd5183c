// expect: ctbus: visit() calls its function with every basic type, and with (std::vector<ctbus::variant>, ctbus::container): take all of them, and return one type
// names: visitor
#include <ctbus/ctbus.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

struct visitor {
    std::size_t operator()(std::string_view text) const { return text.size(); }
#ifndef MISUSE
    std::size_t operator()(const auto&) const {
        return 1;
    }
#endif
    std::size_t operator()(const std::vector<ctbus::variant>& children, ctbus::container) const {
        std::size_t sum = 0;
        for (const ctbus::variant& child : children) sum += child.visit(*this);
        return sum;
    }
};

std::size_t size_of(const ctbus::variant& value) {
    return value.visit(visitor{});
}
