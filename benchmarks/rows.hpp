// A row: one piece of work, done by one library, timed or counted by main.cpp.
#pragma once

#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace bench {

class row {
public:
    virtual ~row() = default;
    /// Does the work `times` times; virtual, so that the loop is all that is added to the work.
    virtual void run(int times) = 0;
};

template <class Work>
class row_of : public row {
public:
    explicit row_of(Work work) : work_{std::move(work)} {}
    void run(int times) override {
        for (int i = 0; i < times; ++i) work_();
    }

private:
    Work work_;
};

struct entry {
    std::string name; // "library/work"
    std::function<std::unique_ptr<row>()> set_up;
    int times;  // how often the work is done to be counted
    bool holds; // it calls full() where it holds most
};

inline std::vector<entry>& entries() {
    static auto* const all = new std::vector<entry>; // some values must not outlive their library
    return *all;
}

struct counting {
    int times = 100;
    bool holds = false;
};

/// `set_up()` prepares, and returns the work: a callable.
template <class SetUp>
bool add(std::string name, SetUp set_up, counting how = {}) {
    const auto make = [set_up]() -> std::unique_ptr<row> {
        auto work = set_up();
        return std::make_unique<row_of<decltype(work)>>(std::move(work));
    };
    entries().push_back({std::move(name), make, how.times, how.holds});
    return true;
}

/// Work that makes things and drops them again calls this in between; `--bytes` looks at the heap
/// then.
void full();

/// The result of a computation that nobody looks at.
template <class T>
void keep(const T& value) {
    asm volatile("" : : "g"(&value) : "memory");
}

/// Ends the program where the work itself fails: such a figure would mean nothing.
[[noreturn]] void give_up(const char* what, int code);
inline int check(int r, const char* what = "sd-bus") {
    if (r < 0) [[unlikely]]
        give_up(what, r);
    return r;
}
inline void must(bool right, const char* what) {
    if (!right) [[unlikely]]
        give_up(what, -EBADMSG);
}

} // namespace bench
