#!/usr/bin/env bash
# Real SQL clients against the PostgreSQL wire: psql, psycopg, SQLAlchemy, pgbench and the metadata statements of others.
# Arguments go to pytest, for example: scripts/wire.sh -k psql
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$CARGO_TARGET_DIR/../clients-venv
scripts/venv.sh "$venv" tests/clients/requirements.txt "Python clients of the PostgreSQL wire (under a minute)"
# The slow ones, Superset and JDBC, are in scripts/clients.sh.
exec scripts/with-server.sh "$venv/bin/python" -m pytest -p no:cacheprovider -q tests/clients \
  --ignore tests/clients/superset --ignore tests/clients/jdbc "$@"
