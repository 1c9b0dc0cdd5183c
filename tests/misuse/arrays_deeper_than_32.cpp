// expect: ctbus: a D-Bus type may nest at most 32 arrays and 32 structs: flatten it
// names: "Get"
#include <ctbus/interface.hpp>

template <class T>
struct list { // std::vector has two template parameters, so that its name doubles with each level
    const T* begin() const;
    const T* end() const;
    void clear();
    void insert(const T*, T);
};
template <class T, int Depth>
struct nest {
    using type = list<typename nest<T, Depth - 1>::type>;
};
template <class T>
struct nest<T, 0> {
    using type = T;
};

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Get", nest<int, 33>::type()>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Get", nest<int, 32>::type()>> {};
#endif
