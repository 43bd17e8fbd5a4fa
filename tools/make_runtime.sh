#!/usr/bin/env bash
# Makes container/target/bitbeam-runtime.tar.gz: the assembled folder with a Java of its own, for sites without one.
# Usage: ./mvnw -Pcontainer,quick package && tools/make_runtime.sh        (JAVA_HOME: the JDK whose Java goes in)
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
image=$home/container/target/image
bin=${JAVA_HOME:+$JAVA_HOME/bin/}
[ -d "$image/lib" ] || { echo "make_runtime: $image/lib is missing; run: ./mvnw -Pcontainer,quick package" >&2; exit 1; }

# What the classes name. Jars that refer to optional libraries do not hinder it.
modules=$("${bin}jdeps" --ignore-missing-deps --multi-release 17 --print-module-deps "$image"/lib/*.jar 2>/dev/null | tail -n 1)
# What no class names: TLS with elliptic curves, the vector kernels.
modules=$modules,jdk.crypto.ec,jdk.incubator.vector
echo "modules: $modules"

runtime=$home/container/target/runtime
rm -rf "$runtime"
mkdir -p "$runtime"
cp -a "$image" "$runtime/bitbeam"
# Some distributions' JDKs lack the modules' files (jmods), which jlink needs: then "java.base not found".
"${bin}jlink" --add-modules "$modules" --strip-debug --no-header-files --no-man-pages --output "$runtime/bitbeam/jre"
# The same bytes each time, but for those that the JDK gives.
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$runtime" -c bitbeam | gzip -n >"$home/container/target/bitbeam-runtime.tar.gz"
du -sh "$runtime/bitbeam/jre" "$home/container/target/bitbeam-runtime.tar.gz"

# Unpacked elsewhere, the job of the demo with nothing but two tools on the path, so with no other Java; and with the JDK.
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mkdir "$out/tools"
for tool in dirname sed; do ln -s "$(command -v $tool)" "$out/tools/$tool"; done
tar -C "$out" -xzf "$home/container/target/bitbeam-runtime.tar.gz"
env -i PATH="$out/tools" "$out/bitbeam/bin/bitbeam" tag --input "$image/samples/events_sample.root" --output "$out/own" --model pfn --no-report
"$image/bin/bitbeam" tag --input "$image/samples/events_sample.root" --output "$out/jdk" --model pfn --no-report >/dev/null
cmp "$out/own/events_sample.root" "$out/jdk/events_sample.root"
echo "same bytes: $(sha256sum <"$out/own/events_sample.root")"
