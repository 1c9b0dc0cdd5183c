// A D-Bus variant of any type: a value that owns its data.
#pragma once

#include <ctbus/codec.hpp>
#include <ctbus/codec/text_writer.hpp>
#include <ctbus/codec/transfer.hpp>
#include <ctbus/codec/value_io.hpp>
#include <ctbus/require.hpp>
#include <ctbus/type_mistakes.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctbus {

/// A value of any single complete D-Bus type (`v`); a new one holds nothing and cannot be sent.
template <class Text>
class basic_variant {
public:
    basic_variant() = default;
    /// Holds `value`, converted to its D-Bus form. Text that D-Bus does not allow is an error.
    template <class T, class Style = error_style>
        requires(!std::is_same_v<T, basic_variant> && // scalars without a form: for our sentence
                 (writable_type<codec::given_t<T>> || std::is_scalar_v<T>))
    basic_variant(const T& value) { throw_if<Style>(assign(value)); }
    /// The same, without exceptions.
    template <class T>
    [[nodiscard]] static result<basic_variant> try_make(const T& value) {
        basic_variant made;
        if (error e = made.assign(value)) return result<basic_variant>{std::unexpect, std::move(e)};
        return made;
    }

    /// The type of what it holds; empty if that is nothing.
    std::string_view signature() const { return signature_; }
    bool empty() const { return signature_.empty(); }
    /// Whether its value has the signature of `T`.
    template <class T>
    bool holds() const {
        static_assert(require::travels<T, detail::direction::write>());
        if constexpr (!writable_type<T>) return false;
        else return signature_ == codec::signature_of<T>;
    }

    /// The value as a `T` of its signature; borrowed types point into this variant.
    template <class T>
    [[nodiscard]] result<T> try_get() const {
        static_assert(require::travels<T, detail::direction::read>());
        if constexpr (!readable<T>) return result<T>{std::unexpect};
        else {
            if (!holds<T>()) return result<T>{std::unexpect, unlike(codec::signature_of<T>.data())};
            codec::basic_value_reader<Text> reader{value_};
            codec::slot<T> value{};
            const int r = codec::of<T>::read(reader, value);
            if (r > 0) return std::move(codec::value_in(value));
            return result<T>{std::unexpect, codec::explain(r, reader.why(), its_value)};
        }
    }
    template <class T, class Style = error_style>
    T get() const {
        return or_throw<Style>(try_get<T>());
    }
    /// Something like a pointer to the value, or to nothing if it is of another type.
    template <class T>
    class found {
    public:
        explicit operator bool() const { return value_.has_value(); }
        const T& operator*() const { return *value_; }
        const T* operator->() const { return &*value_; }
        friend bool operator==(const found& f, std::nullptr_t) { return !f; }

    private:
        friend basic_variant;
        explicit found(result<T>&& value) : value_{std::move(value)} {}
        result<T> value_;
    };
    /// The value as a `T`, if it is one.
    template <class T>
    found<T> get_if() const {
        return found<T>{try_get<T>()};
    }

    /// Calls `f(value)` with the basic value that it holds (text as std::string_view, path,
    /// signature and descriptor as their own types), or `f(children, container)` with a std::vector
    /// of variants and what they form. All calls must return the same type.
    template <class F>
    decltype(auto) visit(F&& f) const {
        constexpr mistake wrong = visit_mistake<F>(basic_values{});
        static_assert(require::sentence<wrong, std::remove_cvref_t<F>>());
        if constexpr (wrong != mistake::none) {
            if constexpr (requires { f(children(), container::variant); })
                return f(children(), container::variant);
            else return detail::anything{};
        } else switch (signature_.empty() ? '\0' : signature_[0]) {
            case 'y': return f(get_known<std::uint8_t>());
            case 'b': return f(get_known<bool>());
            case 'n': return f(get_known<std::int16_t>());
            case 'q': return f(get_known<std::uint16_t>());
            case 'i': return f(get_known<std::int32_t>());
            case 'u': return f(get_known<std::uint32_t>());
            case 'x': return f(get_known<std::int64_t>());
            case 't': return f(get_known<std::uint64_t>());
            case 'd': return f(get_known<double>());
            case 's': return f(get_known<std::string_view>());
            case 'o': return f(get_known<object_path_view>());
            case 'g': return f(get_known<ctbus::signature>());
            case 'h': return f(get_known<unix_fd_view>());
            case '(': return f(children(), container::structure);
            case '{': return f(children(), container::dict_entry);
            case 'a':
                return f(children(),
                         signature_[1] == '{' ? container::dictionary : container::array);
            default: return f(children(), container::variant);
            }
    }

    /// As `busctl` prints it: `as 2 "a" "b"`.
    Text to_string() const {
        text_buffer text;
        codec::text_writer writer{text};
        text.add(signature_.c_str());
        write(writer);
        return Text{text.c_str(), text.size()};
    }
    template <class Stream, class Variant> // not of what converts to one, as a dict of them does
        requires std::is_same_v<Variant, basic_variant> && requires(Stream& out, const char* text) {
            out.write(text, 1);
        }
    friend Stream& operator<<(Stream& out, const Variant& value) {
        const Text text = value.to_string();
        out.write(text.data(), static_cast<std::ptrdiff_t>(text.size()));
        return out;
    }

    /// The same type and the same value; descriptors are equal only to themselves.
    friend bool operator==(const basic_variant& a, const basic_variant& b) {
        const auto &fds = a.value_.fds, &others = b.value_.fds;
        bool same = a.signature_ == b.signature_ && a.value_.bytes == b.value_.bytes &&
                    fds.size() == others.size();
        for (std::size_t i = 0; same && i < fds.size(); ++i) same = fds[i].get() == others[i].get();
        return same;
    }

    /// Writes the value itself, without the variant around it.
    int write(auto& writer) const {
        if (empty()) return codec::valueless;
        const char first = signature_[0];
        if constexpr (std::is_same_v<decltype(writer), codec::message_writer&>)
            if (first == 's') return writer.string(value_.bytes);
        if (codec::detail::is_text_type(first) || codec::detail::value_size(first) != 0)
            return writer.basic(first, value_.bytes.data());
        if constexpr (requires { writer.raw(1, nullptr, 0); })
            if (codec::is_relocatable(signature_) &&
                writer.can_open(codec::most_levels(signature_)))
                return writer.raw(codec::detail::alignment_of(first), value_.bytes.data(),
                                  value_.bytes.size());
        codec::basic_value_reader<Text> reader{value_};
        return codec::transfer(reader, writer, signature_);
    }
    /// Takes over the next value, of the single complete type `type`.
    int read(auto& reader, std::string_view type) {
        if (type.size() == 1 && type[0] != 'v' && type[0] != 'h')
            return read_basic(reader, type[0]);
        codec::basic_stored_value<Text> fresh;
        codec::basic_value_writer<Text> writer{fresh};
        Text its{type}; // `type` may be gone once the reader moves on
        if (const int r = codec::transfer(reader, writer, its); r <= 0) return r;
        signature_ = std::move(its);
        value_ = std::move(fresh);
        return 1;
    }

private:
    // Most values: read without going through their signature, into what is there already.
    int read_basic(auto& reader, char type) {
        union {
            std::uint64_t number;
            const char* text;
        } value{};
        const int r = reader.basic(type, &value);
        if (r <= 0) return r;
        if (codec::detail::is_text_type(type)) value_.bytes = value.text;
        else
            value_.bytes.assign(reinterpret_cast<const char*>(&value),
                                codec::detail::value_size(type));
        value_.fds.clear();
        signature_.assign(1, type);
        return r;
    }

    template <class T>
    error assign(const T& value) {
        codec::basic_value_writer<Text> writer{value_};
        if (int r = codec::append(writer, value); r < 0) return codec::explain(r, {}, its_value);
        signature_ = codec::signature_of<codec::given_t<T>>;
        return {};
    }

    [[gnu::cold]] error unlike(const char* wanted) const {
        return error::format(SD_BUS_ERROR_INVALID_ARGS, EINVAL,
                             "the variant holds \"%s\", not \"%s\"", signature_.c_str(), wanted);
    }

    using basic_values =
        type_list<std::uint8_t, bool, std::int16_t, std::uint16_t, std::int32_t, std::uint32_t,
                  std::int64_t, std::uint64_t, double, std::string_view, object_path_view,
                  ctbus::signature, unix_fd_view>;
    template <class F, class... Ts>
    static consteval mistake visit_mistake(type_list<Ts...>) {
        using of_children = std::invoke_result<F&, std::vector<basic_variant>, container>;
        if constexpr ((std::is_invocable_v<F&, Ts> && ... &&
                       requires { typename of_children::type; }))
            if ((std::is_same_v<std::invoke_result_t<F&, Ts>, typename of_children::type> && ...))
                return mistake::none;
        return mistake::not_a_visitor;
    }

    template <class T>
    T get_known() const {
        codec::basic_value_reader<Text> reader{value_};
        T value{};
        codec::of<T>::read(reader, value);
        return value;
    }

    std::vector<basic_variant> children() const {
        std::vector<basic_variant> all;
        if (empty()) return all;
        codec::basic_value_reader<Text> reader{value_};
        const char first = signature_[0];
        std::string_view inner = signature_;
        if (first == 'v') {
            const char* contents = "";
            char type = 'v';
            reader.peek(&type, &contents);
            inner = contents;
        } else {
            inner.remove_prefix(1);
            if (first != 'a') inner.remove_suffix(1);
        }
        const codec::detail::signature_copy copy{inner};
        reader.enter(first == '(' ? 'r' : first == '{' ? 'e' : first, copy.text);
        for (inner = copy.text; !inner.empty();) {
            const std::size_t length = detail::complete_type(inner, 0, 0, true);
            basic_variant child;
            if (child.read(reader, inner.substr(0, length)) <= 0) break;
            all.push_back(std::move(child));
            if (first != 'a') inner.remove_prefix(length);
        }
        return all;
    }

    static constexpr auto its_value = "the variant's value";
    Text signature_;
    codec::basic_stored_value<Text> value_;
};

namespace codec {

template <class Text> // so that the variant is not compiled before it is used
struct of<basic_variant<Text>, kind::any_variant> {
    static constexpr void sign(signature_builder& s) { s.put('v'); }
    static int append(auto& writer, const basic_variant<Text>& value) {
        if (value.empty()) return valueless;
        int r = writer.open('v', value.signature());
        if (r < 0 || (r = value.write(writer)) < 0) return r;
        return writer.close('v');
    }
    static int read(auto& reader, basic_variant<Text>& value) {
        char type = 0;
        const char* contents = nullptr;
        int r = reader.peek(&type, &contents);
        if (r <= 0) return r;
        if (type != 'v' || !contents) return -ENXIO;
        // `contents` may be gone once the reader moves on.
        if (contents[0] != 0 && contents[1] == 0) {
            const char held[] = {contents[0], 0};
            return read_held(reader, value, {held, 1});
        }
        const detail::signature_copy held{contents};
        return read_held(reader, value, held.text);
    }

private:
    static int read_held(auto& reader, basic_variant<Text>& value, std::string_view type) {
        int r = reader.enter('v', type.data());
        if (r <= 0) return r;
        if ((r = value.read(reader, type)) <= 0) return r < 0 ? r : -EBADMSG;
        r = reader.exit();
        return r < 0 ? r : 1;
    }
};

} // namespace codec

} // namespace ctbus
