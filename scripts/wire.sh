#!/usr/bin/env bash
# Real SQL clients against the PostgreSQL wire: psql, psycopg, SQLAlchemy, pgbench and the metadata statements of others.
# Arguments go to pytest, for example: scripts/wire.sh -k psql
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$CARGO_TARGET_DIR/../clients-venv
scripts/venv.sh "$venv" tests/clients/requirements.txt "Python clients of the PostgreSQL wire (under a minute)"
# With both cores at a build next door every answer takes longer; the limits in the tests are for hangs only.
exec scripts/with-server.sh "$venv/bin/python" -m pytest -p no:cacheprovider -q tests/clients "$@"
