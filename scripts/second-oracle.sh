#!/usr/bin/env bash
# Puts random statements to our wire and to a private PostgreSQL over the same rows; tells each kind of difference that is
# not in tests/whole/second_oracle/differences.toml, with the least statement that shows it.
# usage: scripts/second-oracle.sh   PUJIANG_SECOND_ORACLE_STATEMENTS (3000), PUJIANG_SECOND_ORACLE_SEED, …_ONLY
set -euo pipefail
cd "$(dirname "$0")/.."
export PUJIANG_SECOND_ORACLE_STATEMENTS=${PUJIANG_SECOND_ORACLE_STATEMENTS:-3000}
scripts/binary.sh
scripts/with-postgres.sh cargo nextest run --locked --workspace --test whole \
  -E 'test(/second_oracle::answers_are_postgresqls/)' --profile nightly --no-capture
