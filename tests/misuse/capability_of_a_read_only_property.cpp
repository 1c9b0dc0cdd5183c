// expect: ctbus: anybody may read a property: privileged and capability<> restrict who writes one, and this one is read-only
// names: Secret
#include <ctbus/implements.hpp>

#include <string>

struct keeper {
    std::string secret;
};
struct contract :
    ctbus::interface<"org.example.Keeper",
#ifdef MISUSE
        ctbus::property<"Secret", std::string>
#else
        ctbus::property<"Secret", std::string, ctbus::writable>
#endif
        > {
};
struct table :
    ctbus::implements<contract, ctbus::accessor<"Secret", &keeper::secret, ctbus::capability<21>>> {
};
