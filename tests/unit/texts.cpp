// What may be text: the check by words, the one byte by byte of compile time, and sd-bus agree.
#include <ctbus/ctbus.hpp>

#include "must.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstring>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <systemd/sd-bus.h>
#include <vector>

using ctbus::check_text;
using ctbus::text_fault;

namespace {

constexpr text_fault by_bytes(std::string_view text) {
    return ctbus::detail::check_sequences(text);
}

// At compile time it is the same function.
static_assert(check_text("") == text_fault::none);
static_assert(check_text("eight byt\xc3\xa9s and more") == text_fault::none);
static_assert(check_text("eight byt\xe9s and more") == text_fault::not_utf8);
static_assert(check_text({"eight\0bytes", 11}) == text_fault::embedded_nul);

/// Checks the text, and a copy made with the check, in memory that ends where the text does.
bool agrees(std::string_view text) {
    const text_fault expected = by_bytes(text);
    char copy[256];
    if (check_text(text) != expected || ctbus::copy_text(copy, text) != expected) return false;
    return expected != text_fault::none || std::memcmp(copy, text.data(), text.size()) == 0;
}

const std::vector<unsigned char> edges = {0x00, 0x01, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0,
                                          0xaf, 0xb0, 0xb7, 0xbd, 0xbe, 0xbf, 0xc0, 0xc1, 0xc2,
                                          0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff};

} // namespace

TEST_CASE("every sequence of 1 to 3 bytes") {
    unsigned long wrong = 0;
    char text[3];
    for (unsigned a = 0; a < 256; ++a) {
        text[0] = static_cast<char>(a);
        wrong += !agrees({text, 1});
        for (unsigned b = 0; b < 256; ++b) {
            text[1] = static_cast<char>(b);
            wrong += !agrees({text, 2});
            for (unsigned c = 0; c < 256; ++c) {
                text[2] = static_cast<char>(c);
                wrong += check_text({text, 3}) != by_bytes({text, 3});
            }
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("sequences of 4 bytes: every first, second and third one, and each kind of fourth") {
    unsigned long wrong = 0, right = 0;
    char text[4];
    for (unsigned a = 0; a < 256; ++a) {
        text[0] = static_cast<char>(a);
        for (unsigned b = 0; b < 256; ++b) {
            text[1] = static_cast<char>(b);
            // Of the others nothing depends on the rest.
            const bool long_one = a >= 0xf0 && a <= 0xf4 && b >= 0x80 && b < 0xc0;
            for (unsigned c = 0; c < (long_one ? 256 : edges.size()); ++c) {
                text[2] = static_cast<char>(long_one ? c : edges[c]);
                for (const unsigned char d : edges) {
                    text[3] = static_cast<char>(d);
                    const text_fault by_words = check_text({text, 4});
                    wrong += by_words != by_bytes({text, 4});
                    right += by_words == text_fault::none && long_one;
                }
            }
        }
    }
    CHECK(wrong == 0);
    CHECK(right > 100'000);
}

TEST_CASE("anything anywhere in a text of any length") {
    const std::string_view pieces[] = {
        {"\0", 1},      "\x7f",
        "\x80",         "\xff",
        "\xc3\xa9",     "\xc3",
        "\xe2\x82\xac", "\xe2\x82",
        "\xed\xa0\x80", "\xf0\x9f\x98\x80",
        "\xf0\x9f\x98", "\xf4\x90\x80\x80",
        "\xef\xbf\xbe", "\xc0\x80",
    };
    unsigned long wrong = 0;
    for (std::size_t size = 0; size < 200; ++size) {
        for (const std::string_view piece : pieces)
            for (std::size_t at = 0; at + piece.size() <= size; ++at) {
                const auto exact = std::make_unique<char[]>(size); // a sanitizer sees its end
                std::memset(exact.get(), 'x', size);
                std::memcpy(exact.get() + at, piece.data(), piece.size());
                wrong += !agrees({exact.get(), size});
            }
        wrong += !agrees(std::string(size, '\x01')) + !agrees(std::string(size, '\x7f'));
    }
    CHECK(wrong == 0);
}

TEST_CASE("any mix of letters, with something wrong in it and without") {
    using namespace std::string_view_literals;
    constexpr std::string_view letters[] = {
        "x"sv,
        "\x01"sv,
        "\x7f"sv,
        "some words"sv,
        "\xc2\x80"sv,
        "\xdf\xbf"sv,
        "\xe0\xa0\x80"sv,
        "\xe1\x80\x80"sv,
        "\xec\xbf\xbf"sv,
        "\xed\x9f\xbf"sv,
        "\xee\x80\x80"sv,
        "\xef\xbf\xbd"sv,
        "\xf0\x90\x80\x80"sv,
        "\xf4\x8f\xbf\xbd"sv,
    };
    constexpr std::string_view wrong_ones[] = {
        "\0"sv,
        "\0\x01"sv,
        "\x01\0"sv,
        "\x80"sv,
        "\xc1\xbf"sv,
        "\xc3"sv,
        "\xe1\x80"sv,
        "\xe1\x7f\x80"sv,
        "\xe1\x80\x7f"sv,
        "\xed\xa0\x80"sv,
        "\xef\xb7\x90"sv,
        "\xe0\x9f\xbf"sv,
        "\xf0\x8f\xbf\xbf"sv,
        "\xf5\x80\x80\x80"sv,
    };
    unsigned random = 1, wrong = 0, right = 0;
    const auto choose = [&random](const auto& from) {
        random = random * 1664525 + 1013904223;
        return from[(random >> 16) % std::size(from)];
    };
    for (int i = 0; i < 20'000; ++i) {
        std::string text;
        const int before = i % 12, after = i / 12 % 12;
        for (int n = 0; n < before; ++n) text += choose(letters);
        if (i % 2 == 0) text += choose(wrong_ones);
        for (int n = 0; n < after; ++n) text += choose(letters);
        const auto exact = std::make_unique<char[]>(text.size()); // a sanitizer sees its end
        std::memcpy(exact.get(), text.data(), text.size());
        wrong += !agrees({exact.get(), text.size()});
        right += check_text({exact.get(), text.size()}) == text_fault::none;
    }
    CHECK(wrong == 0);
    CHECK(right == 10'000);
}

TEST_CASE("sd-bus takes the same text") {
    auto [a, b] = test::must(ctbus::connection::try_pair());
    ctbus::message m = test::must(a.try_new_signal("/", "a.b", "C"));
    REQUIRE(sd_bus_message_open_container(m.get(), 'a', "s") >= 0);
    unsigned long wrong = 0;
    char text[5] = {};
    for (const unsigned char first : edges)
        for (const unsigned char second : edges)
            for (const unsigned char third : edges)
                for (const unsigned char fourth : edges) {
                    const unsigned char all[] = {first, second, third, fourth};
                    std::memcpy(text, all, 4);
                    const std::string_view seen = text; // up to the first NUL
                    wrong += (sd_bus_message_append_basic(m.get(), 's', text) >= 0) !=
                             (check_text(seen) == text_fault::none);
                }
    CHECK(wrong == 0);
}

TEST_CASE("text of any length is read into a string that held text of any other length") {
    auto [ours, theirs] = test::must(ctbus::connection::try_pair());
    for (std::size_t size = 0; size < 200; size = size < 70 ? size + 1 : size + 23) {
        CAPTURE(size);
        const std::string text(size, 'x');
        ctbus::message m = test::must(ours.try_new_signal("/x", "org.example.Texts", "Text"));
        test::must(m.try_append(std::vector<std::string>{text, text + "y"}, text));
        test::must(m.try_seal());
        for (const std::size_t held :
             {std::size_t{0}, std::size_t{15}, std::size_t{16}, size * 2}) {
            ctbus::codec::message_reader reader{m.get()};
            std::vector<std::string> all;
            std::string one(held, 'z');
            REQUIRE(ctbus::codec::of<std::vector<std::string>>::read(reader, all) > 0);
            REQUIRE(ctbus::codec::of<std::string>::read(reader, one) > 0);
            CHECK(all == std::vector<std::string>{text, text + "y"});
            CHECK(one == text);
            test::must(m.try_rewind());
        }
    }
}
