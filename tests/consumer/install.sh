#!/bin/sh
# Installs ctbus and moves what was installed:  install.sh CMAKE BUILD_DIR INSTALLED MOVED
set -eu
rm -rf "$3" "$4"
"$1" --install "$2" --prefix "$3"
mv "$3" "$4"
if grep -rF "$3" "$4"; then
    echo "the files above name the directory they were installed to" >&2
    exit 1
fi
