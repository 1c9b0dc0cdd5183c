// ctbus: filling a message, and reading one.
#include "../marshalling.hpp"

#include <ctbus/ctbus.hpp>

#include <map>
#include <string>
#include <tuple>
#include <vector>

template <>
inline constexpr bool ctbus::as_dict<bench::ten_fields> = true;
template <>
struct ctbus::wire<bench::ticks> {
    using type = std::int64_t;
    static type to(bench::ticks t) { return t.count; }
    static bench::ticks from(type count) { return {count}; }
};

namespace {

ctbus::message new_signal() {
    static const auto ends = ctbus::connection::pair();
    return ends.first.new_signal("/org/example/Object", "org.example.Interface", "Changed");
}

template <class T>
class codec {
public:
    explicit codec(const T& value) : message_{filled(value)} { message_.seal(); }

    static void marshal(const T& value) { filled(value); }
    void unmarshal() {
        message_.rewind();
        const T value = message_.read<T>();
        bench::keep(value);
    }

private:
    static ctbus::message filled(const T& value) {
        ctbus::message m = new_signal();
        m.append(value);
        return m;
    }
    ctbus::message message_;
};

// Two arguments, and no struct.
template <>
class codec<bench::two_numbers> {
public:
    explicit codec(const bench::two_numbers& value) : message_{filled(value)} { message_.seal(); }

    static void marshal(const bench::two_numbers& value) { filled(value); }
    void unmarshal() {
        message_.rewind();
        const auto value = message_.read<std::int32_t, std::int32_t>();
        bench::keep(value);
    }

private:
    static ctbus::message filled(const bench::two_numbers& value) {
        ctbus::message m = new_signal();
        m.append(value.a, value.b);
        return m;
    }
    ctbus::message message_;
};

using dynamic_dictionary = std::map<std::string, ctbus::variant>;
dynamic_dictionary dynamic_entries(int count) {
    dynamic_dictionary all;
    const auto put = [&](const std::string& key, const auto& v) { all.emplace(key, v); };
    bench::each_entry(count, put, put, put);
    return all;
}

struct number_and_text {
    std::int32_t number;
    std::string text;
};
using set = bench::closed_set<ctbus::object_path, ctbus::signature, number_and_text>;

[[maybe_unused]] const bool added[] = {
    bench::add_plain_values<codec, bench::as_they_are>("ctbus"),
    bench::add_further_values<codec>("ctbus"),
    bench::add_dictionaries<codec<bench::dictionary>>("ctbus"),
    bench::add_dynamic_dictionaries<codec<dynamic_dictionary>>("ctbus", dynamic_entries),
    (bench::add_codec<codec<bench::ten_fields>>("ctbus", "dict_struct_10", bench::a_product()),
     bench::add_codec<codec<std::vector<set>>>(
         "ctbus", "v_17",
         bench::one_of_each<set>(ctbus::object_path{"/org/example"}, ctbus::signature{"a{sv}"},
                                 number_and_text{1, "text"})),
     true),
};

} // namespace
