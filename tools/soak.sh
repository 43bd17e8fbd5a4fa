#!/usr/bin/env bash
# Kills and many files, more than the tests have: KILLS processes of each kind (TaskManagers of a cluster on loopback, jobs of the DirectRunner) are hit at lines
# that SEED chooses, full disks, the JobManager; then FILES files with 1 % bad ones through Flink. Prints each point and its result, and memory over time.
#   tools/soak.sh [KILLS [FILES [SEED]]]        30, 1000, 1
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
kills=${1:-30}
files=${2:-1000}
seed=${3:-1}
exec ./mvnw -q -B -Pflink -pl flink -am -Dspotless.check.skip=true -Dtest='KillTest,SoakTest' -Dsurefire.failIfNoSpecifiedTests=false \
  -Dbitbeam.kills="$kills" -Dbitbeam.kills.seed="$seed" -Dbitbeam.soak.files="$files" -Dbitbeam.soak.seed="$seed" verify
