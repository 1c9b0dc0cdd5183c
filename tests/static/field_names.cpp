// The names of a struct's fields, as the compiler prints them.
#include <ctbus/codec.hpp>

namespace {

struct named {
    int plain, _underlined, größe, weiße, 数;
};
using ctbus::codec::field_name;

static_assert(field_name<named, 0> == "plain");
static_assert(field_name<named, 1> == "_underlined");
static_assert(field_name<named, 2> == "größe" && field_name<named, 3> == "weiße");
static_assert(field_name<named, 4> == "数");

} // namespace
