//! Tests that look at the whole: its structure, its documents, its behaviour under kill -9, and the proof that a
//! scope hides every row outside it. In the order of their cost.

#![expect(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]

mod adversarial;
mod attacker;
mod attacks;
mod documents;
mod fence;
mod how_to;
mod kill;
mod lake_tables;
mod matrix;
mod mutations;
mod names;
mod oracle;
mod people;
mod second_oracle;
mod server;
mod structure;
mod town;
#[path = "../bench/tpch/mod.rs"]
mod tpch;
mod tpch_answers;
