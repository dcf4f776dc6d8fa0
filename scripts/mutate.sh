#!/usr/bin/env bash
# Proves the proofs: takes one guard after another out of a copy of the tree and expects the named tests to turn red.
# Exits with 1 if a mutant survives. The mutations are tests/mutations/*.patch; their heads say what is taken away
# (guard:), which targets are built (targets:), which tests must notice (filter:) and whether these start the
# program (program: yes|no). The copy is the last commit; build the tree first, so that the engine is there.
# usage: scripts/mutate.sh [NAME…]
set -euo pipefail
cd "$(dirname "$0")/.."
repository=$PWD
shared=${CARGO_TARGET_DIR:-$HOME/.cache/pujiang/target}
target=$(dirname "$shared")/mutants
work=$(mktemp -d "${TMPDIR:-/tmp}/pujiang-mutate.XXXXXX")
tree=$work/tree
forget() { git -C "$repository" worktree remove --force "$tree" 2>/dev/null || true; rm -rf "$work"; }
trap forget EXIT

[ -d "$shared/debug/deps" ] || { echo "mutate: build first: make build" >&2; exit 2; }
git worktree add --quiet --detach "$tree" HEAD
cp -r dashboards/dist "$tree/dashboards/dist"

# The engine is compiled already. Its libraries are linked, not copied: nothing writes into them. What cargo writes
# into in place (fingerprints, time stamps of build scripts) is copied, or the shared folder would look outdated and
# everybody's next build would compile the engine again. Our own crates are left out: they are what is mutated.
if [ ! -d "$target/debug/deps" ]; then
  echo "mutate: preparing $target (links to the compiled engine)"
  mkdir -p "$target.new/debug/deps"
  find "$shared/debug/deps" -maxdepth 1 -type f \( -name '*.rlib' -o -name '*.rmeta' -o -name '*.so' \) \
    ! -name 'libpujiang*' -exec cp -l -t "$target.new/debug/deps" {} +
  cp -a "$shared/debug/.fingerprint" "$target.new/debug/.fingerprint"
  rm -rf "$target.new/debug/.fingerprint/"pujiang-*
  cp -a "$shared/debug/build" "$target.new/debug/build"
  rm -rf "$target.new/debug/build/"pujiang-*
  cp "$shared/.rustc_info.json" "$target.new/" 2>/dev/null || true
  mv "$target.new" "$target"
fi

# A mutant costs minutes because only our crates are built. Should cargo want more, this ends the run at once.
cat > "$work/rustc" <<'WRAPPER'
#!/bin/sh
case "${CARGO_MANIFEST_DIR:-}" in
  "" | "$PUJIANG_MUTANT"*) exec "$@" ;;
  *) echo "mutate: $CARGO_MANIFEST_DIR would be compiled again; remove the folder mutants beside the target folder, run make build and try again" >&2; exit 1 ;;
esac
WRAPPER
chmod +x "$work/rustc"
export PUJIANG_MUTANT=$tree RUSTC_WRAPPER=$work/rustc CARGO_TARGET_DIR=$target PUJIANG_BIN=$target/debug/pujiang
unset PUJIANG_UPDATE_GOLDEN

head_of() { sed -n "s/^$2: //p;/^diff /q" "$1" | head -n 1; }

# Builds and runs what a mutation names; 0: green, 100: red, anything else: it did not come to a verdict.
try() { # targets, filter, program
  cd "$tree"
  if [ "$3" = yes ]; then cargo build --quiet --locked --workspace --bins || return 1; fi
  # shellcheck disable=SC2086 — several words on purpose
  cargo nextest run --locked --workspace $1 -E "$2" --no-fail-fast --hide-progress-bar --status-level fail --final-status-level fail
}

patches=()
if [ $# -eq 0 ]; then
  patches=("$repository"/tests/mutations/*.patch)
else
  for name in "$@"; do patches+=("$repository/tests/mutations/$name.patch"); done
fi

survived=0
report=()
declare -A green=()
for patch in "${patches[@]}"; do
  name=$(basename "$patch" .patch)
  targets=$(head_of "$patch" targets) filter=$(head_of "$patch" filter) program=$(head_of "$patch" program)
  started=$(date +%s)
  # Green before, red after: a test that fails anyway proves nothing. Asked once for each set of tests.
  code=0
  if [ -z "${green[$targets $filter]:-}" ]; then
    (try "$targets" "$filter" "$program") >"$work/$name.before" 2>&1 || code=$?
    [ "$code" -ne 0 ] || green[$targets $filter]=yes
  fi
  if [ "$code" -ne 0 ]; then
    verdict="NOT TRIED: its tests fail without it (exit $code)"; survived=1; tail -n 30 "$work/$name.before"
  else
    git -C "$tree" apply "$patch"
    code=0; (try "$targets" "$filter" "$program") >"$work/$name.after" 2>&1 || code=$?
    case $code in
      100) verdict="red, $(grep -E '^ +(FAIL|SIGABRT|TIMEOUT)' "$work/$name.after" | awk '{print $NF}' | sort -u | wc -l) tests noticed" ;;
      0) verdict="SURVIVED: nothing noticed"; survived=1 ;;
      *) verdict="DOES NOT BUILD (exit $code)"; survived=1; tail -n 30 "$work/$name.after" ;;
    esac
    git -C "$tree" checkout --quiet -- .
  fi
  line=$(printf '%-28s %-40s %4d s  %s' "$name" "$verdict" "$(( $(date +%s) - started ))" "$(head_of "$patch" guard)")
  echo "$line"
  report+=("$line")
done
printf '\n%s\n' "mutations of $(git -C "$tree" rev-parse --short HEAD):"
printf '%s\n' "${report[@]}"
exit $survived
