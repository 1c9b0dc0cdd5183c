#!/bin/sh
# Each sentence that the headers have for a mistake is expected by a file here:  sentences.sh SOURCE_DIR
set -eu
cd "$1"

{
    sed -nE 's/.*static_assert\(M != [a-z_]+, "(.*)"\);.*/\1/p' include/ctbus/require.hpp
    sed -n "/consteval bool unchecked_text/,/^}/p" include/ctbus/name_view.hpp | tr -d "\n" |
        sed -E 's/.*(ctbus: [^"]*)" *"([^"]*)".*/\1\2\n/'
    sed -n "/static_assert(duration<D>/,/;/p" include/ctbus/duration.hpp | tr -d "\n" |
        sed -E 's/.*(ctbus: [^"]*)" *"([^"]*)".*/\1\2\n/'
    sed -n "/static_assert(sizeof(Text)/,/;/p" include/ctbus/error.hpp | tr -d "\n" |
        sed -E 's/.*(ctbus: [^"]*)" *"(.*)"\);.*/\1\2\n/'
    sed -nE 's/.*static void ([a-z0-9_]+)\(\);.*/\1/p' include/ctbus/name_rules.hpp
} | sed 's/\\"/"/g' | {
    count=0 missing=0
    while IFS= read -r sentence; do
        count=$((count + 1))
        grep -qxF -- "// expect: $sentence" tests/misuse/*.cpp && continue
        echo "no file in tests/misuse expects: $sentence"
        missing=$((missing + 1))
    done
    echo "$count sentences, $missing of them untested"
    [ "$count" -ge 156 ] && [ "$missing" -eq 0 ]
}
