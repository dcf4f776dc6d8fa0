#!/usr/bin/env bash
# What is too long for every push: 100,000 queries of the row security oracle with a seed of the day, the mutations, and
# 50,000 statements put to our wire and to PostgreSQL.
# usage: scripts/nightly.sh   PUJIANG_ORACLE_SEED, PUJIANG_ORACLE_QUERIES, PUJIANG_SECOND_ORACLE_SEED, …_STATEMENTS
set -euo pipefail
cd "$(dirname "$0")/.."
export PUJIANG_ORACLE_SEED=${PUJIANG_ORACLE_SEED:-$(date +%Y%m%d)}
export PUJIANG_ORACLE_QUERIES=${PUJIANG_ORACLE_QUERIES:-100000}
export PUJIANG_SECOND_ORACLE_SEED=${PUJIANG_SECOND_ORACLE_SEED:-$(date +%Y%m%d)}
export PUJIANG_SECOND_ORACLE_STATEMENTS=${PUJIANG_SECOND_ORACLE_STATEMENTS:-50000}
scripts/binary.sh
echo "nightly: $PUJIANG_ORACLE_QUERIES queries, PUJIANG_ORACLE_SEED=$PUJIANG_ORACLE_SEED"
# As long as it takes, but not for ever.
cargo nextest run --locked --workspace --test whole -E 'test(/^oracle::/)' --profile nightly --no-capture
scripts/mutate.sh
scripts/second-oracle.sh
