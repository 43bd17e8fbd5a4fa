#!/usr/bin/env bash
# The overhead of Flink: a plain loop beside a cluster of one, then two TaskManagers on loopback, on COPIES files in each of which the sample's 500 events come
# ENLARGE times (1.2 MB each time), ROUNDS rounds. Prints the document of 'bitbeam bench overhead' (docs/scale.md).
# The cluster has the job's classes (--flink-installed); with INSTALLED false each job brings them.
#   tools/overhead_flink.sh [ENLARGE [COPIES [ROUNDS [INSTALLED]]]]        40, 8, 3, true
set -euo pipefail
cd -P "$(dirname "${BASH_SOURCE[0]}")/.."
exec ./mvnw -q -B -Pflink -pl flink -am -Dspotless.check.skip=true -Dtest=OverheadTest -Dsurefire.failIfNoSpecifiedTests=false \
  -Dbitbeam.flink.tier=4 -Dbitbeam.overhead.enlarge="${1:-40}" -Dbitbeam.overhead.copies="${2:-8}" -Dbitbeam.overhead.rounds="${3:-3}" \
  -Dbitbeam.flink.installed="${4:-true}" verify
