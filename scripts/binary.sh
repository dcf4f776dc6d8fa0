#!/usr/bin/env bash
# Builds the `pujiang` binary with cargo's own progress, after saying how long it may take.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ ! -x "$PUJIANG_BIN" ]; then
  echo "binary: first build compiles DataFusion, Delta and Typst: about 30 minutes on two cores, once; cargo shows the count"
fi
started=$(date +%s)
cargo build --locked -p pujiang-api --bin pujiang
took=$(( $(date +%s) - started ))
[ "$took" -lt 5 ] || echo "binary: built in ${took} s"
