// expect: object_path_must_not_be_longer_than_65536_characters
#include <ctbus/names.hpp>

#include <cstddef>

template <std::size_t Size>
struct path_of {
    char text[Size + 1]{};
    constexpr path_of() {
        for (std::size_t i = 0; i < Size; ++i) text[i] = i == 0 ? '/' : 'a';
    }
};
#ifdef MISUSE
constexpr path_of<65537> path;
#else
constexpr path_of<65536> path;
#endif
ctbus::object_path_view view = path.text;
