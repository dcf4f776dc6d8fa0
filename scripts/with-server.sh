#!/usr/bin/env bash
# Runs a command beside a real server over a small demonstration city, with HTTP and the PostgreSQL wire on loopback.
# The command finds PUJIANG_URL, PUJIANG_PG_PORT, PUJIANG_DATA, PUJIANG_SERVER_PID and PUJIANG_DEMO_PASSWORD.
# usage: scripts/with-server.sh COMMAND…
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d "${TMPDIR:-/tmp}/pujiang-server.XXXXXX")
server=
stop() { if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi; rm -rf "$work"; }
trap stop EXIT

export PUJIANG_DATA=$work/data
export PUJIANG_DEMO_PASSWORD=${PUJIANG_DEMO_PASSWORD:-wire-$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')}
"$PUJIANG_BIN" demo --data "$PUJIANG_DATA" --scale "${PUJIANG_WIRE_SCALE:-0.02}"

ready() { curl -fs -o /dev/null "$PUJIANG_URL/readyz" && (exec 3<>"/dev/tcp/127.0.0.1/$PUJIANG_PG_PORT") 2>/dev/null; }
# A taken port fails the start and the next pair is tried.
for _ in 1 2 3 4 5; do
  port=$(( 20000 + RANDOM % 20000 ))
  export PUJIANG_URL="http://127.0.0.1:$port" PUJIANG_PG_PORT=$(( port + 1 ))
  "$PUJIANG_BIN" serve --data "$PUJIANG_DATA" --listen "127.0.0.1:$port" --pg-listen "127.0.0.1:$PUJIANG_PG_PORT" \
    >"$work/log" 2>&1 &
  server=$!
  for _ in $(seq 1 100); do
    if ready; then break 2; fi
    kill -0 "$server" 2>/dev/null || break
    sleep 0.2
  done
done
ready || { echo "with-server: the server did not become ready:"; tail -n 40 "$work/log"; exit 1; }
export PUJIANG_SERVER_PID=$server

code=0
"$@" || code=$?
if ! kill -0 "$server" 2>/dev/null; then
  echo "with-server: the server ended while it was used:"
  code=1
fi
if [ "$code" -ne 0 ]; then
  echo "with-server: what the server complained of:"
  grep -vE ' (INFO|DEBUG)' "$work/log" | tail -n 40 || true
fi
exit "$code"
