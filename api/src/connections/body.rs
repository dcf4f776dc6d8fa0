//! Bodies on their way. A request's body must come at a pace people's lines have; the connection counts as waiting but for
//! the time between the end of a request and the beginning of its response.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use futures::StreamExt;
use hyper::body::{Frame, SizeHint};
use tokio::time::Instant;

use super::Seat;

/// How a body must come.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// How long it may stand still, and how long it may take beyond its pace.
    patience: Duration,
    /// Bytes a second of the slowest line that is served.
    slowest: u32,
}

/// What people's lines manage.
const PACE: Pace = Pace { patience: Duration::from_secs(15), slowest: 8 * 1024 };

/// The body of a request, refused when it comes too slowly. The place is safe from the moment it has come whole.
pub(super) fn arriving(body: Body, seat: Arc<Seat>) -> Body {
    paced(body, seat, PACE)
}

fn paced(body: Body, seat: Arc<Seat>, Pace { patience, slowest }: Pace) -> Body {
    if body.is_end_stream() {
        seat.works();
        return body;
    }
    let begun = Instant::now();
    let state = (body.into_data_stream(), 0_u64, seat);
    Body::from_stream(futures::stream::unfold(Some(state), move |state| async move {
        let (mut parts, come, seat) = state?;
        let due = begun + patience + Duration::from_secs_f64(come as f64 / f64::from(slowest));
        let due = due.min(Instant::now() + patience);
        match tokio::time::timeout_at(due, parts.next()).await {
            Err(_) => Some((Err(axum::Error::new(TooSlow)), None)),
            Ok(Some(Ok(part))) => {
                let come = come + part.len() as u64;
                Some((Ok::<Bytes, axum::Error>(part), Some((parts, come, seat))))
            }
            Ok(Some(Err(error))) => Some((Err(error), None)),
            Ok(None) => {
                seat.works();
                None
            }
        }
    }))
}

/// The body of a response. While it goes the connection waits for its reader: one that does not read grows old, and gives
/// way when the room is full.
pub(super) fn leaving(body: Body, seat: Arc<Seat>) -> Body {
    seat.waits();
    Body::new(Leaving { body, seat })
}

#[derive(Debug, thiserror::Error)]
#[error("the body comes too slowly")]
struct TooSlow;

struct Leaving {
    body: Body,
    seat: Arc<Seat>,
}

impl HttpBody for Leaving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if polled.is_ready() {
            self.seat.waits();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.seat.waits();
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Bounds, Room};
    use super::*;

    fn seat() -> Arc<Seat> {
        let room = Room::new(Bounds { all: 1, per_address: 1 });
        Arc::new(room.enter([127, 0, 0, 1].into()).expect("room"))
    }

    const QUICK: Pace = Pace { patience: Duration::from_millis(300), slowest: 1_000 };

    /// A part each so many milliseconds, thirty times.
    fn drips(pause: u64, part: &'static [u8]) -> Body {
        Body::from_stream(futures::stream::unfold(0, move |sent: u32| async move {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            (sent < 30).then(|| (Ok::<_, std::io::Error>(Bytes::from_static(part)), sent + 1))
        }))
    }

    #[tokio::test]
    async fn attack_4_a_body_that_drips_is_given_up() {
        for pause in [30, 200, 2_000] {
            let begun = Instant::now();
            assert!(axum::body::to_bytes(paced(drips(pause, b"x"), seat(), QUICK), 1_000).await.is_err());
            assert!(begun.elapsed() < Duration::from_millis(800), "{pause}: {:?}", begun.elapsed());
        }
    }

    #[tokio::test]
    async fn a_slow_line_is_served() {
        let body = paced(drips(30, &[b'x'; 100]), seat(), QUICK);
        assert_eq!(axum::body::to_bytes(body, 1 << 20).await.expect("comes").len(), 3_000);
        let whole = arriving(Body::from("x"), seat());
        assert_eq!(axum::body::to_bytes(whole, 1 << 20).await.expect("comes"), "x");
    }
}
