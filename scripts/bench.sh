#!/usr/bin/env bash
# Measures what docs/PERFORMANCE.md states; prints its table.
set -euo pipefail
cd "$(dirname "$0")/.."
exec node scripts/bench.mjs
