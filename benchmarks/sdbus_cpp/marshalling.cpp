// sdbus-c++: filling a message, and reading one. Version 1.2 makes messages through an object only,
// which needs a bus; and has sdbus::Variant, but no std::variant and no structs as dictionaries:
// the values of known types go through it, as its users write it.
#include "../marshalling.hpp"
#include "connected.hpp"

#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace {

using item = sdbus::Struct<std::string, std::uint32_t, double>;
using variants = std::map<std::string, sdbus::Variant>;

struct own_form {
    template <class T>
    static const T& of(const T& value) {
        return value;
    }
    static std::vector<item> of(const std::vector<bench::item>& all) {
        std::vector<item> own;
        for (const bench::item& i : all) own.emplace_back(i.name, i.number, i.weight);
        return own;
    }
};

sdbus::Signal new_signal() {
    static const auto connection = bench::connect_sdbus_cpp(bench::transport::daemon);
    static const auto object = sdbus::createObject(*connection, bench::path);
    return object->createSignal(bench::interface, "Changed");
}

// ---- how values travel ----

template <class T>
void append(sdbus::Message& m, const T& value) {
    m << value;
}
template <class T>
void read(sdbus::Message& m, T& value) {
    m >> value;
}

void append(sdbus::Message& m, const bench::two_numbers& value) {
    m << value.a << value.b;
}
void read(sdbus::Message& m, bench::two_numbers& value) {
    m >> value.a >> value.b;
}

void append(sdbus::Message& m, const bench::dictionary& all) {
    variants own;
    for (const auto& [key, v] : all)
        std::visit([&, &k = key](const auto& held) { own.emplace(k, held); }, v);
    m << own;
}
void read(sdbus::Message& m, bench::dictionary& all) {
    variants own;
    m >> own;
    for (const auto& [key, v] : own) {
        const std::string type = v.peekValueType();
        if (type == "i") all.emplace(key, v.get<std::int32_t>());
        else if (type == "s") all.emplace(key, v.get<std::string>());
        else all.emplace(key, v.get<double>());
    }
}

void append(sdbus::Message& m, const bench::ten_fields& t) {
    m << variants{{"name", t.name},        {"vendor", t.vendor}, {"model", t.model},
                  {"width", t.width},      {"height", t.height}, {"depth", t.depth},
                  {"serial", t.serial},    {"price", t.price},   {"weight", t.weight},
                  {"in_stock", t.in_stock}};
}
void read(sdbus::Message& m, bench::ten_fields& t) {
    variants own;
    m >> own;
    const auto get = [&](const char* key, auto& field) {
        field = own.at(key).get<std::remove_reference_t<decltype(field)>>();
    };
    get("name", t.name), get("vendor", t.vendor), get("model", t.model);
    get("width", t.width), get("height", t.height), get("depth", t.depth);
    get("serial", t.serial), get("price", t.price), get("weight", t.weight);
    get("in_stock", t.in_stock);
}

using number_and_text = sdbus::Struct<std::int32_t, std::string>;
using set = bench::closed_set<sdbus::ObjectPath, sdbus::Signature, number_and_text>;

void append(sdbus::Message& m, const std::vector<set>& all) {
    std::vector<sdbus::Variant> own;
    for (const set& v : all)
        own.push_back(std::visit([](const auto& held) { return sdbus::Variant{held}; }, v));
    m << own;
}
template <std::size_t... I>
void take(const sdbus::Variant& v, set& value, std::index_sequence<I...>) {
    const std::string type = v.peekValueType();
    const auto one = [&]<std::size_t N>(std::integral_constant<std::size_t, N>) {
        using T = std::variant_alternative_t<N, set>;
        if (type != sdbus::signature_of<T>::str()) return false;
        value.emplace<N>(v.get<T>());
        return true;
    };
    bench::must((one(std::integral_constant<std::size_t, I>{}) || ...), "a variant");
}
void read(sdbus::Message& m, std::vector<set>& all) {
    std::vector<sdbus::Variant> own;
    m >> own;
    for (const sdbus::Variant& v : own)
        take(v, all.emplace_back(), std::make_index_sequence<std::variant_size_v<set>>{});
}

// ---- the rows ----

template <class T>
class codec {
public:
    explicit codec(const T& value) : message_{new_signal()} {
        append(message_, value);
        message_.seal();
    }
    static void marshal(const T& value) {
        sdbus::Signal m = new_signal();
        append(m, value);
    }
    void unmarshal() {
        message_.rewind(true);
        T value{};
        read(message_, value);
        bench::keep(value);
    }

private:
    sdbus::Signal message_;
};

variants dynamic_entries(int count) {
    variants all;
    const auto put = [&](const std::string& key, const auto& v) { all.emplace(key, v); };
    bench::each_entry(count, put, put, put);
    return all;
}

[[maybe_unused]] const bool added[] = {
    bench::add_plain_values<codec, own_form>("sdbus_cpp"),
    bench::add_dictionaries<codec<bench::dictionary>>("sdbus_cpp"),
    bench::add_dynamic_dictionaries<codec<variants>>("sdbus_cpp", dynamic_entries),
    (bench::add_codec<codec<bench::ten_fields>>("sdbus_cpp", "dict_struct_10", bench::a_product()),
     bench::add_codec<codec<std::vector<set>>>(
         "sdbus_cpp", "v_17",
         bench::one_of_each<set>(sdbus::ObjectPath{"/org/example"}, sdbus::Signature{"a{sv}"},
                                 number_and_text{1, "text"})),
     true),
};

} // namespace
