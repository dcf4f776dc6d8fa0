//! The live stream.

mod stream_events;

pub use stream_events::*;
