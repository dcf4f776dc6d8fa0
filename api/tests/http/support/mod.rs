//! The application under test and its typed users.

mod app;
mod client;

pub use app::{PASSWORD, TestApp, credit_code};
pub use client::Client;
