//! Sockets and the files of the process: how many there may be, who gives way when all places are taken, and how HTTP is
//! served over them. What is asked over a socket is `router` and `postgres`.

mod body;
mod files;
mod http;
mod room;
mod stalled;

pub use files::raise_limit;
pub use http::serve;
pub use room::{Bounds, Room, Seat};
pub use stalled::Stall;
