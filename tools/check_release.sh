#!/usr/bin/env bash
# What a release needs, tried out: artefacts into a staging repository, the public API against tools/api.txt, licences, the same bytes from a second build elsewhere, and
# somebody else's project (examples/embed) that depends on the staged artefacts, whose output must be that of ./bitbeam.
#   tools/check_release.sh [FOLDER]        FOLDER (target/release) is emptied first
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
home=$PWD
work=${1:-target/release}
rm -rf "$work"
mkdir -p "$work"
work=$(cd "$work" && pwd)
profiles=release,flink,dataflow
# Bills of materials are hashes of a gigabyte of libraries: not for the first compiler alone (.mvn/jvm.config).
export MAVEN_OPTS="${MAVEN_OPTS-} -XX:TieredStopAtLevel=4"
quiet=(-q -B -ntp -DskipTests -Dspotless.check.skip=true)

# Both builds are of clones: the tree may hold what other runs, other JDKs have left.
for build in first second; do
  git clone -q "$home" "$work/$build"
done

echo "staging"
(cd "$work/first" && ./mvnw "${quiet[@]}" -P$profiles deploy -Dmaven.install.skip=true "-DaltDeploymentRepository=staging::file:$work/staging")
find "$work/staging" -name '*.jar' | sed 's#.*/##; s#-0\.[^a-z]*\(-[a-z]*\)\{0,1\}\.jar$#\1#' | sort -u | awk '{ n++ } END { print n " kinds of jars" }'

echo "public API"
(cd "$work/first" && python3 tools/check_api.py ./*/target/bitbeam-*.jar)
# The check itself: a baseline with a member more must make it fail.
{ cat tools/api.txt; echo "org.bitbeam.columns.EventBatch: public void gone()"; } >"$work/api.txt"
if (cd "$work/first" && python3 tools/check_api.py --baseline "$work/api.txt" ./*/target/bitbeam-*.jar) 2>/dev/null; then
  echo "the check of the public API does not see what is gone" >&2
  exit 1
fi

echo "licences"
(cd "$work/first" && python3 tools/licences.py --check docs/licences.md {pipelines,training,flink,dataflow}/target/bom.json)

echo "a second build, in another folder, without Error Prone"
(cd "$work/second" && ./mvnw "${quiet[@]}" -P$profiles,quick package)
artefacts() { (cd "$1" && find ./*/target -maxdepth 1 \( -name 'bitbeam-*.jar' -o -name bom.json \) -print0 | sort -z | xargs -0 sha256sum); }
artefacts "$work/first" >"$work/first.sha256"
artefacts "$work/second" >"$work/second.sha256"
diff "$work/first.sha256" "$work/second.sha256" || { echo "two builds of one commit differ" >&2; exit 1; }
echo "$(wc -l <"$work/first.sha256") files with the same bytes"
rm -rf "$work/first" "$work/second"

echo "examples/embed with the staged artefacts"
# Its own local repository in front of the user's: nothing of this is left behind in that one.
./mvnw "${quiet[@]}" -f examples/embed/pom.xml "-Dmaven.repo.local=$work/repository" "-Dmaven.repo.local.tail=$HOME/.m2/repository" \
  "-Dbitbeam.repository=file://$work/staging" compile exec:java \
  "-Dexec.args=--input=samples/events_sample.root --output=$work/example --model=models/pfn"
./bitbeam tag --input samples/events_sample.root --output "$work/tagged" --model pfn >/dev/null
cmp "$work/example/events_sample.root" "$work/tagged/events_sample.root"
./bitbeam inspect "$work/example/sums/events_sample.root" | grep ' HT  ' # the example's own column
awk '{ jets += $2 } END { print jets " jets in tenths of the quark score"; exit jets == 0 }' "$work/example/tenths.txt"
echo "release: all passed"
