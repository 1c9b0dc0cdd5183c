#!/bin/sh
# The rules for the headers, checked:  layers.sh SOURCE_DIR
set -eu
cd "$1/include/ctbus"

awk '
function complain(what) {
    print FILENAME ":" FNR ": " what
    failed = 1
}

# The list, which comes first.
FILENAME == "CMakeLists.txt" {
    if ($0 ~ /^[ \t]*#/) next
    for (i = 1; i <= NF; ++i) {
        name = $i
        sub(/\).*/, "", name)
        if (name ~ /^[a-z0-9_\/]+\.hpp$/) {
            if (name in place) complain(name " is listed twice")
            place[name] = ++listed
        }
    }
    next
}

FNR == 1 {
    header = FILENAME
    sub(/^\.\//, "", header)
    ++seen
    lines[header] = 0
    if (!(header in place)) complain("is not listed in CMakeLists.txt")
    if ($0 !~ /^\/\/ [^ ]/) complain("the first line does not say what the header is for (// ...)")
}
{ ++lines[header] }
FNR == 301 { complain("has more than 300 lines") }

/^[ \t]*#[ \t]*define/ {
    macro = $0
    sub(/^[ \t]*#[ \t]*define[ \t]+/, "", macro)
    if (macro !~ /^CTBUS_VERSION([^A-Za-z0-9_]|$)/) complain("defines a macro")
}

/^[ \t]*#[ \t]*include/ {
    name = $0
    sub(/^[ \t]*#[ \t]*include[ \t]*/, "", name)
    if (name !~ /^</) {
        complain("includes by \"\" and not by <>")
        next
    }
    sub(/^</, "", name)
    sub(/>.*/, "", name)
    if (name ~ /^ctbus\//) {
        sub(/^ctbus\//, "", name)
        if (header in place && !(name in place && place[name] < place[header]))
            complain("includes " name ", which is not listed above it in CMakeLists.txt")
    }
    # Headers below the umbrella are no part of the core, and may include what they need.
    else if (name ~ heavy && !(header in place && "ctbus.hpp" in place && place[header] > place["ctbus.hpp"]))
        complain("includes <" name ">, too heavy for the core")
}

END {
    for (name in place)
        if (!(name in lines)) {
            print name " is listed in CMakeLists.txt but empty or not there"
            failed = 1
        }
    if (!seen || !listed) failed = 1
    print listed + 0 " headers listed, " seen + 0 " read"
    exit failed
}
' heavy='^(chrono|format|functional|iostream|map|memory|optional|ranges|regex|sstream|variant)$' \
    CMakeLists.txt $(find . -name '*.hpp')
