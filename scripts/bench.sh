#!/usr/bin/env bash
# Measures what docs/PERFORMANCE.md states and prints its tables: our limits, and the same questions beside DuckDB.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$CARGO_TARGET_DIR/../bench-venv
if [ ! -x "$venv/bin/python" ]; then
  echo "bench: a Python environment with duckdb, to ask it the same questions" >&2
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet duckdb
fi
export PUJIANG_BENCH_PYTHON=$venv/bin/python
exec node tests/bench/limits.mjs
