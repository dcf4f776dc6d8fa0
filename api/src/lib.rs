//! Composition root: opens every room over one data folder, serves HTTP and the command line `pujiang`.
//! Holds no business rules: those are in the rooms it joins.

pub mod app;
pub mod auth;
pub mod boards;
pub mod cli;
pub mod clock;
pub mod codes;
pub mod config;
pub mod connections;
pub mod definitions;
pub mod demo;
pub mod download;
pub mod events;
pub mod extract;
pub mod handlers;
pub mod layers;
pub mod logging;
pub mod openapi;
pub mod postgres;
pub mod problem;
pub mod provenance;
pub mod router;
pub mod rows;
pub mod spa;
pub mod sql;
pub mod telemetry;

pub use app::App;
pub use config::Config;
pub use router::router;
