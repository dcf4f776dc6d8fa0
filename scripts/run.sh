#!/usr/bin/env bash
# Prepares ./data with demonstration data on first use, then serves it on loopback.
set -euo pipefail
cd "$(dirname "$0")/.."
data=${PUJIANG_DATA:-data}
listen=${PUJIANG_LISTEN:-127.0.0.1:8080}
pg_listen=${PUJIANG_PG_LISTEN:-127.0.0.1:5433}
scale=${PUJIANG_DEMO_SCALE:-1}

if [ ! -e "$data" ]; then
  # Filled under another name first: an interrupted first run leaves nothing that looks finished.
  rm -rf "$data.partial"
  echo "demo: preparing three years of data of the city at scale $scale in ./$data (scale 1: up to 5 minutes, once)"
  "$PUJIANG_BIN" demo --data "$data.partial" --scale "$scale"
  mv "$data.partial" "$data"
fi
echo
echo "  http://$listen"
echo "  SQL clients: psql -h ${pg_listen%:*} -p ${pg_listen##*:} -U d310104 pujiang"
echo "  accounts: city (全市), d310104 (徐汇区; d310101 … d310151 likewise), leader, sysadmin, secadmin, auditor"
if [ -z "${PUJIANG_DEMO_PASSWORD:-}" ] && [ -f "$data/demo-password" ]; then
  echo "  password: $(cat "$data/demo-password")"
fi
echo
exec "$PUJIANG_BIN" serve --data "$data" --listen "$listen" --pg-listen "$pg_listen"
