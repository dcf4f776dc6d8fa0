//! The server in process: HTTP in, HTTP out, over a temporary folder with SQLite and a real lake.

mod access;
mod accounts;
mod administration;
mod backup;
mod bad_requests;
mod boards;
mod check;
mod comparisons;
mod definitions;
mod feeds;
mod imports;
mod lake;
mod live_definitions;
mod live_guides;
mod records;
mod reports;
mod sessions;
mod sql;
mod sql_page;
mod support;
mod system;
mod workflow;
