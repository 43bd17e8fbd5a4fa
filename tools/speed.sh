#!/usr/bin/env bash
# Starts one of the classes that measure, which are among the tests:
#   tools/speed.sh SpeedAgainstOrt [SECONDS [FILTER [BATCHES]]]       networks on the backend bit and in ONNX Runtime
#   tools/speed.sh InstructionTimes MODEL BATCH SECONDS [LENGTH]      what takes the time in one network
#   tools/speed.sh SamplingSpeed BUNDLE BACKEND BATCH PASSES          whole showers of a CaloINN bundle
#   tools/speed.sh NativeSpeed ...                                    these with native products (docs/runtime.md)
# Needs the built modules with their tests (./mvnw -Pquick package); NativeSpeed also native-kernels and JDK 22. Networks whose names do not
# begin with published/ are looked for in ../shared beside this checkout. BITBEAM_JAVA_OPTS: flags of the JVM, such as -XX:UseAVX=2.
set -euo pipefail
home=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

case ${1:-} in
  SpeedAgainstOrt | InstructionTimes) main=org.bitbeam.runtime.internal.bit.$1 modules="quant-runtime" ;;
  SamplingSpeed) main=org.bitbeam.physics.calo.$1 modules="physics quant-runtime" ;;
  NativeSpeed) main=org.bitbeam.runtime.natives.$1 modules="native-kernels physics quant-runtime" ;;
  *)
    sed -n '2,8s/^# *//p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
shift
classes=""
for module in $modules; do
  for part in test-classes classes; do
    if [ ! -d "$home/$module/target/$part" ]; then
      echo "$module/target/$part is not there: build $module first" >&2
      exit 1
    fi
    classes="$classes$home/$module/target/$part:"
  done
done
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
flags=(-XX:-BackgroundCompilation --add-modules=jdk.incubator.vector "-Dbitbeam.shared=$home/../shared")
[ "$main" != org.bitbeam.runtime.natives.NativeSpeed ] || flags+=(--enable-native-access=ALL-UNNAMED)
# shellcheck disable=SC2086
exec "$java" "${flags[@]}" ${BITBEAM_JAVA_OPTS:-} -cp "$classes$home/pipelines/target/lib/*" "$main" "$@"
