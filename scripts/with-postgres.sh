#!/usr/bin/env bash
# Runs a command with a private PostgreSQL in a temporary folder; its URL is in PUJIANG_TEST_PG.
# usage: scripts/with-postgres.sh COMMAND…
set -euo pipefail
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
work=$(mktemp -d "${TMPDIR:-/tmp}/pujiang-pg.XXXXXX")

# PostgreSQL refuses to run as root; the package brings the user postgres.
as_owner() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
if [ "$(id -u)" = 0 ]; then chown postgres "$work"; fi
stop() { as_owner "$bin/pg_ctl" -D "$work/db" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$work"; }
trap stop EXIT

cd "$work"
as_owner "$bin/initdb" -D "$work/db" -U postgres -A trust -E UTF8 --locale=C.UTF-8 >/dev/null
started=no
for _ in 1 2 3 4 5 6 7 8; do
  port=$(( 20000 + RANDOM % 20000 ))
  # No durability: the cluster is thrown away; a taken port fails the start and the next one is tried.
  if as_owner "$bin/pg_ctl" -D "$work/db" -l "$work/log" -w start \
    -o "-p $port -k $work -c listen_addresses=127.0.0.1 -c max_connections=200 -c fsync=off -c full_page_writes=off" >/dev/null; then
    started=yes
    break
  fi
done
[ "$started" = yes ] || { echo "with-postgres: PostgreSQL did not start:" >&2; tail -n 20 "$work/log" >&2; exit 1; }
cd - >/dev/null
export PUJIANG_TEST_PG="postgres://postgres@127.0.0.1:$port/postgres"
"$@"
