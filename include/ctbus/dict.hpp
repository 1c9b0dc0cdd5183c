// A dictionary as it travels: a flat vector of pairs, in the order given.
#pragma once

#include <ctbus/error.hpp>
#include <ctbus/outcome.hpp>

#include <cstddef>
#include <initializer_list>
#include <utility>
#include <vector>

namespace ctbus {

/// A map-like vector of pairs: the cheapest type for `a{KV}`. Keys keep their order and are not
/// made unique; find() searches linearly.
template <class K, class V>
class dict {
public:
    using key_type = K;
    using mapped_type = V;
    using value_type = std::pair<K, V>;
    using iterator = typename std::vector<value_type>::iterator;
    using const_iterator = typename std::vector<value_type>::const_iterator;

    dict() = default;
    dict(std::initializer_list<value_type> entries) : entries_{entries} {}

    /// These are std::vector's.
    iterator begin() { return entries_.begin(); }
    iterator end() { return entries_.end(); }
    const_iterator begin() const { return entries_.begin(); }
    const_iterator end() const { return entries_.end(); }
    std::size_t size() const { return entries_.size(); }
    bool empty() const { return entries_.empty(); }
    void clear() { entries_.clear(); }
    void reserve(std::size_t count) { entries_.reserve(count); }

    /// These add an entry, whether its key is there or not.
    iterator insert(const_iterator where, value_type entry) {
        return entries_.insert(where, std::move(entry));
    }
    template <class... Args>
    value_type& emplace_back(Args&&... args) {
        return entries_.emplace_back(std::forward<Args>(args)...);
    }
    void push_back(value_type entry) { entries_.push_back(std::move(entry)); }

    /// The first entry with that key, or end().
    template <class Key>
    const_iterator find(const Key& key) const {
        auto it = begin();
        while (it != end() && !(it->first == key)) ++it;
        return it;
    }
    template <class Key>
    iterator find(const Key& key) {
        auto it = begin();
        while (it != end() && !(it->first == key)) ++it;
        return it;
    }
    /// Whether an entry has that key.
    template <class Key>
    bool contains(const Key& key) const {
        return find(key) != end();
    }
    /// The value under `key`; throws where there is none.
    template <class Style = error_style, class Key>
    const V& at(const Key& key) const {
        const auto it = find(key);
        if (it == end()) [[unlikely]]
            throw_if<Style>(error::failed("the dictionary has no such key"));
        return it->second;
    }
    template <class Style = error_style, class Key>
    V& at(const Key& key) {
        return const_cast<V&>(std::as_const(*this).template at<Style>(key));
    }
    /// The value under `key`, added with a default value if there is none.
    V& operator[](const K& key) {
        auto it = find(key);
        return it != end() ? it->second : emplace_back(key, V{}).second;
    }

    friend bool operator==(const dict&, const dict&) = default;

private:
    std::vector<value_type> entries_;
};

} // namespace ctbus
