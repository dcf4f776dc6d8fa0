#!/usr/bin/env bash
# Builds the `pujiang` binary with cargo's own progress, after saying how long it may take.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ ! -x "$PUJIANG_BIN" ]; then
  echo "binary: first build compiles DataFusion, Delta and Typst: about 30 minutes on two cores, once; cargo shows the count"
fi
started=$(date +%s)
# The whole workspace is selected so that features unify as in `make test`: the engine is compiled once.
cargo build --locked --workspace --bins
took=$(( $(date +%s) - started ))
[ "$took" -lt 5 ] || echo "binary: built in ${took} s"
