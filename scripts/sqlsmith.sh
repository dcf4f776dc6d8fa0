#!/usr/bin/env bash
# sqlsmith against the wire for ten minutes, or for as many seconds as said: no hidden value, no defect, no crash, bounded
# memory. `make test` does the same for 20 seconds. Prints statements, answers and errors by SQLSTATE.
# usage: scripts/sqlsmith.sh [SECONDS]
set -euo pipefail
cd "$(dirname "$0")/.."
export PUJIANG_SQLSMITH_SECONDS=${1:-600}
exec cargo nextest run --locked --workspace --no-capture -E 'test(/sqlsmith::random_statements/)'
