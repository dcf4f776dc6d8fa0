//! One folder per group of actions, one file per action. A handler extracts, calls one function and answers;
//! its name is the operation id in OpenAPI. Routes are in `router.rs`.

pub mod access;
pub mod account;
pub mod audit;
pub mod board;
pub mod comparison;
pub mod definition;
pub mod event;
pub mod feed;
pub mod inbox;
pub mod metric;
pub mod place;
pub mod report;
pub mod resource;
pub mod session;
pub mod sql;
pub mod system;
pub mod workflow;
