//! Sub-queries with PostgreSQL's truth values. The engine takes IN for a join, in which NULL is no answer of its own, and
//! knows EXISTS in WHERE only. Here IN and NOT IN become EXISTS where that makes a difference, EXISTS is planned wherever
//! it stands, and shapes the engine would answer wrongly are refused.

mod exists;
mod maybe;
mod membership;
mod sound;

pub(super) use exists::ExistsAnywhere;
pub(super) use maybe::NAME as MAYBE;
pub(super) use membership::Membership;
