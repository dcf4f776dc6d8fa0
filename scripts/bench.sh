#!/usr/bin/env bash
# Measures what docs/PERFORMANCE.md states and prints its tables: our limits and a crowd at a board, the same questions
# beside DuckDB and PostgreSQL, then what the door costs on TPC-H. Arguments choose parts: limits, tpch (default: both), and
# lighthouse, which takes npm packages of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$CARGO_TARGET_DIR/../bench-venv
scripts/venv.sh "$venv" tests/bench/requirements.txt "Python with duckdb and psycopg, to ask them the same questions" >&2
export PUJIANG_BENCH_PYTHON=$venv/bin/python

# The whole workspace is selected so that features unify as in `make test`: the engine is compiled once.
built=$(cargo build --locked --workspace --bench tpch --bench clients --message-format=json-render-diagnostics)
executable() { sed -n "s|.*\"name\":\"$1\".*\"executable\":\"\([^\"]*\)\".*|\1|p" <<<"$built" | tail -n 1; }
export PUJIANG_BENCH_CLIENTS
PUJIANG_BENCH_CLIENTS=$(executable clients)

code=0
for part in "${@:-limits tpch}"; do
  for one in $part; do
    case $one in
      limits) scripts/with-postgres.sh node tests/bench/limits.mjs || code=1 ;;
      tpch) "$(executable tpch)" || code=1 ;;
      lighthouse)
        scripts/binary.sh >&2
        npm ci --silent --prefix tests/bench/lighthouse
        node tests/bench/lighthouse/run.mjs --bin "$PUJIANG_BIN" || code=1 ;;
      *) echo "bench: there is no part $one; use limits, tpch or lighthouse" >&2; exit 2 ;;
    esac
  done
done
exit "$code"
