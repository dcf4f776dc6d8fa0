#!/usr/bin/env bash
# Runs every part of the test suite, goes on after a failing part, and ends with one line for all of them.
set -uo pipefail
cd "$(dirname "$0")/.."
logs=$(mktemp -d "${TMPDIR:-/tmp}/pujiang-test.XXXXXX")
trap 'rm -rf "$logs"' EXIT
total_passed=0
total_failed=0
summary=()

# Runs one part and adds the counts of the last line of its output that states them. A part that exits with an
# error although it counted no failure has failed once; a build that succeeds counts nothing.
part() { # name, command…
  local name=$1 started code line passed failed
  shift
  started=$(date +%s)
  echo "── $name"
  "$@" 2>&1 | tee "$logs/$name"
  code=${PIPESTATUS[0]}
  line=$(sed 's/\x1b\[[0-9;]*[A-Za-z]//g' "$logs/$name" | grep -E '(^| )[0-9]+ (passed|failed)' |
    grep -vE '^ *Test Files' | tail -n 1)
  passed=$(grep -oE '[0-9]+ passed' <<<"$line" | tail -n 1 | cut -d' ' -f1)
  failed=$(grep -oE '[0-9]+ failed' <<<"$line" | tail -n 1 | cut -d' ' -f1)
  passed=${passed:-0} failed=${failed:-0}
  if [ "$code" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
  total_passed=$(( total_passed + passed ))
  total_failed=$(( total_failed + failed ))
  summary+=("$(printf '%-8s %5d passed %3d failed %5d s' "$name" "$passed" "$failed" "$(( $(date +%s) - started ))")")
}

web_build() { scripts/web.sh; }
web_test() { cd dashboards && npm test --silent; }
rust_test() { scripts/with-postgres.sh cargo nextest run --locked --workspace --no-fail-fast; }

part web-build web_build
# A package's own integration tests do not build another package's binary; the kill test needs it.
part binary scripts/binary.sh
part rust rust_test
part web web_test
part wire scripts/wire.sh
part e2e scripts/e2e.sh

printf '%s\n' "" "${summary[@]}" ""
echo "$total_passed passed, $total_failed failed"
[ "$total_failed" -eq 0 ] && [ "$total_passed" -gt 0 ]
