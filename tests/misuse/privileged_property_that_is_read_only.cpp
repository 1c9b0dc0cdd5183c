// expect: ctbus: anybody may read a property: privileged and capability<> restrict who writes one, and this one is read-only
// names: Secret
#include <ctbus/vtable.hpp>

#include <string>

struct keeper {
    std::string secret;
};
struct table :
    ctbus::vtable<"org.example.Keeper",
#ifdef MISUSE
        ctbus::accessor<"Secret", &keeper::secret, ctbus::privileged>
#else
        ctbus::accessor<"Secret", &keeper::secret, ctbus::writable, ctbus::privileged>
#endif
        > {
};
