//! The application under test and its typed users.

mod app;
mod client;

pub use app::{CARD, PASSWORD, TestApp, credit_code};
pub use client::{Answer, Client};
