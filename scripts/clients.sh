#!/usr/bin/env bash
# The slow clients of the PostgreSQL wire: Apache Superset (800 MB of Python packages, once) and the JDBC driver, by which
# DBeaver, Metabase and most Java tools ask. Pictures of Superset's charts stay in $PUJIANG_SCREENSHOTS.
# Arguments go to pytest, for example: scripts/clients.sh -k superset
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh clients
cache=$CARGO_TARGET_DIR/..
scripts/venv.sh "$cache/clients-venv" tests/clients/requirements.txt "Python clients of the PostgreSQL wire (under a minute)"
export PUJIANG_SUPERSET_VENV=$cache/superset-venv
scripts/venv.sh "$PUJIANG_SUPERSET_VENV" tests/clients/superset/requirements.txt "Apache Superset in an environment of its own (about 5 minutes)"
exec scripts/with-server.sh "$cache/clients-venv/bin/python" -m pytest -p no:cacheprovider -q \
  tests/clients/superset tests/clients/jdbc "$@"
