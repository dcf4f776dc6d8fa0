//! TPC-H on the lake: tables of the `tpchgen` crate loaded through the warehouse's own writer, customers spread over
//! the sixteen districts, the 22 queries of the specification with its validation parameters. Used by the benchmark
//! (`main.rs`) and by a test of the same queries on a hundredth of the data.

pub mod answer;
pub mod load;
pub mod query;
pub mod scope;
