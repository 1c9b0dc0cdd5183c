#!/bin/sh
# Builds and runs a program with pkg-config's flags:
#   pkg_config.sh DIRECTORY_OF_CTBUS_PC COMPILER SOURCE PROGRAM VERSION
set -eu
PKG_CONFIG_PATH=$1${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH
test "$(pkg-config --modversion ctbus)" = "$5"
"$2" -std=c++23 $(pkg-config --cflags ctbus) "$3" $(pkg-config --libs ctbus) -o "$4"
"$4" "$5"
