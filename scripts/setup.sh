#!/usr/bin/env bash
# Installs what is missing, and only that; each installation is announced in one line with its reason.
# usage: scripts/setup.sh build|test|clients
set -euo pipefail
purpose=${1:?usage: scripts/setup.sh build|test|clients}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else return 1; fi
}

# One index refresh per run, and only if something is missing.
refreshed=no
install_package() { # package, reason
  echo "setup: installing Debian package $1: $2"
  if [ "$refreshed" = no ]; then
    as_root apt-get update -qq || { echo "setup: $1 is missing and cannot be installed without root; run: apt-get install $1" >&2; exit 1; }
    refreshed=yes
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null
}
need_command() { command -v "$1" >/dev/null || install_package "$2" "$3"; }

command -v cargo >/dev/null || { echo "setup: cargo is missing; install Rust 1.95 or newer from https://rustup.rs" >&2; exit 1; }
need_command cc build-essential "the C compiler of the embedded SQLite, zstd and jemalloc"
need_command node nodejs "the web application is built with Node.js"
need_command npm npm "the web application's modules come from npm"
[ -n "$(ls -d /usr/share/fonts/opentype/noto/NotoSansCJK* 2>/dev/null)" ] ||
  install_package fonts-noto-cjk "the font the PDF reports embed"

if [ "$purpose" = clients ]; then
  need_command java openjdk-17-jdk-headless "it runs the JDBC driver, a client under test"
  [ -e /usr/share/java/postgresql.jar ] ||
    install_package libpostgresql-jdbc-java "the JDBC driver, a client under test"
fi
if [ "$purpose" != build ]; then
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 ||
    install_package postgresql "every store test also runs on PostgreSQL"
  need_command chromium chromium "the browser test opens the boards in it"
  need_command curl curl "the end-to-end run waits for the server with it"
  need_command psql postgresql-client "a client of the PostgreSQL wire, under test"
  need_command sqlsmith sqlsmith "it asks the wire random statements"
  python3 -c 'import ensurepip, venv' 2>/dev/null ||
    install_package python3-venv "psycopg and SQLAlchemy, clients under test, live in a Python environment"
  cargo nextest --version >/dev/null 2>&1 || {
    echo "setup: installing cargo-nextest (about 6 minutes): the test runner"
    cargo install --locked --quiet cargo-nextest
  }
fi
