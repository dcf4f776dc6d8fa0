#!/usr/bin/env bash
# End to end: a small demonstration city, the real server, the real browser. Screenshots stay in $PUJIANG_SCREENSHOTS.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d "${TMPDIR:-/tmp}/pujiang-e2e.XXXXXX")
server=
stop() { if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi; rm -rf "$work"; }
trap stop EXIT

export PUJIANG_DEMO_PASSWORD=${PUJIANG_DEMO_PASSWORD:-e2e-$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')}
mkdir -p "$PUJIANG_SCREENSHOTS"
"$PUJIANG_BIN" demo --data "$work/data" --scale "${PUJIANG_E2E_SCALE:-0.02}"

for _ in 1 2 3 4 5; do
  port=$(( 20000 + RANDOM % 20000 ))
  export PUJIANG_URL="http://127.0.0.1:$port"
  "$PUJIANG_BIN" serve --data "$work/data" --listen "127.0.0.1:$port" >"$work/log" 2>&1 &
  server=$!
  for _ in $(seq 1 100); do
    if curl -fs -o /dev/null "$PUJIANG_URL/readyz"; then break 2; fi
    kill -0 "$server" 2>/dev/null || break
    sleep 0.2
  done
done
curl -fs -o /dev/null "$PUJIANG_URL/readyz" || { echo "e2e: the server did not become ready:"; tail -n 40 "$work/log"; exit 1; }

if ! (cd dashboards && PUJIANG_DATA="$work/data" npm run e2e --silent); then
  echo "e2e: what the server complained of:"
  grep -vE ' (INFO|DEBUG)' "$work/log" | tail -n 40
  exit 1
fi
