//! The application under test and its typed users.

mod app;
mod client;
mod guide;

pub use app::{CARD, PASSWORD, TestApp, credit_code};
pub use client::{Answer, Client};
pub use guide::guide;
