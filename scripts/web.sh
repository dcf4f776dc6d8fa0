#!/usr/bin/env bash
# Builds the web application into dashboards/dist, which the binary embeds; does nothing if its sources are unchanged.
set -euo pipefail
cd "$(dirname "$0")/../dashboards"

if [ ! -d node_modules ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo "web: npm ci, the modules of the web application (about a minute)"
  npm ci --no-audit --no-fund --loglevel=error
fi
# The stamp is the digest of all sources: file times do not survive a clone.
stamp=$(find . \( -name node_modules -o -name dist -o -name '.stamp' \) -prune -o -type f -print0 |
  sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
if [ -f dist/index.html ] && [ "$(cat node_modules/.pujiang-stamp 2>/dev/null)" = "$stamp" ]; then
  exit 0
fi
echo "web: building the web application (about half a minute)"
npm run build --silent
echo "$stamp" > node_modules/.pujiang-stamp
