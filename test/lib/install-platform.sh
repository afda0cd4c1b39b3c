#!/bin/sh
# Copy the platform's SQL modules to DIR: install-platform.sh DIR VERSION MODULE...
# Each module keeps its own folder; the file "modules" holds version and order.
set -eu
dir=$1 version=$2
shift 2
here=$(cd "$(dirname "$0")/../.." && pwd)
rm -rf "$dir"
mkdir -p "$dir"
{
    echo "version $version"
    for m in "$@"; do echo "module $m"; done
} > "$dir/modules"
for m in "$@"; do
    mkdir -p "$dir/$m"
    for f in "$here/src/$m/platform/"*; do
        install -m 644 "$f" "$dir/$m/"
    done
done
