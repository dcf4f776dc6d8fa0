#!/usr/bin/env bash
# Makes a Python environment of exactly the pinned packages, or does nothing if it is there already.
# usage: scripts/venv.sh FOLDER REQUIREMENTS REASON
set -euo pipefail
folder=${1:?folder} requirements=${2:?requirements} reason=${3:?reason}
stamp=$(sha256sum "$requirements" | cut -d' ' -f1)
if [ -x "$folder/bin/python" ] && [ "$(cat "$folder/.pujiang-stamp" 2>/dev/null)" = "$stamp" ]; then exit 0; fi
echo "setup: $reason"
rm -rf "$folder"
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements"
echo "$stamp" >"$folder/.pujiang-stamp"
