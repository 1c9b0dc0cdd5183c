// expect: ctbus: a D-Bus dictionary's key has to be a basic type: use an integer or std::string
// names: pair<int, int>
#include <ctbus/ctbus.hpp>

#include <map>
#include <utility>

#ifdef MISUSE
using key = std::pair<int, int>;
#else
using key = int;
#endif

const char* const signature = ctbus::signature_of<int, std::map<key, int>>.data();
