#!/bin/sh
# Code in the README is code of the examples:  readme.sh SOURCE_DIR
# The fenced block that follows a line `<!-- code: FILE -->` stands in FILE, whole and in one piece;
# only its indentation may differ.
set -eu
cd "$1"

awk '
function complain(line, what) {
    print "README.md:" line ": " what
    failed = 1
}

# Takes away the indentation that all lines have in common; blank lines have none of their own.
function shift_left(text, n,    i, least, indent) {
    least = -1
    for (i = 1; i <= n; ++i) {
        sub(/[ \t]+$/, "", text[i])
        if (text[i] == "") continue
        match(text[i], /^ */)
        if (least < 0 || RLENGTH < least) least = RLENGTH
    }
    for (i = 1; i <= n; ++i) text[i] = substr(text[i], least + 1)
}

function stands_in(file,    count, line, i, start, part) {
    count = 0
    while ((status = (getline line < file)) > 0) whole[++count] = line
    close(file)
    if (status < 0) return 0
    shift_left(block, size)
    for (start = 1; start + size - 1 <= count; ++start) {
        for (i = 1; i <= size; ++i) part[i] = whole[start + i - 1]
        shift_left(part, size)
        for (i = 1; i <= size && part[i] == block[i]; ++i) continue
        if (i > size) return 1
    }
    return 0
}

inside {
    if ($0 !~ /^```/) {
        block[++size] = $0
        next
    }
    inside = 0
    if (file != "") {
        ++blocks
        if (size == 0) complain(begin, "the block is empty")
        else if (!stands_in(file)) complain(begin, "this block does not stand in " file)
    }
    file = ""
    next
}
/^```/ {
    inside = 1
    begin = NR
    size = 0
    next
}
file != "" && NF {
    complain(NR, "no fenced block follows the mark for " file)
    file = ""
}
/^<!-- code: .* -->$/ {
    file = $0
    sub(/^<!-- code: */, "", file)
    sub(/ *-->$/, "", file)
}
END {
    if (inside || file != "") complain(NR, "the last block does not end")
    print blocks + 0 " blocks of code compared"
    exit failed
}
' README.md
