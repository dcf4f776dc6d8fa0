//! Bodies on their way. A request's body must come at a pace people's lines have; the connection counts as waiting but for
//! the time between the end of a request and the beginning of its response. What a handler leaves unread is read for a while:
//! a socket closed on bytes that are still coming takes the response away from the client.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes, HttpBody};
use futures::StreamExt;
use hyper::body::{Frame, SizeHint};
use tokio::runtime::Handle;
use tokio::time::Instant;

use super::Seat;

/// How slowly a body may come.
#[derive(Clone, Copy)]
struct Pace {
    /// How long it may stand still, and how long it may take beyond its pace.
    patience: Duration,
    /// Time for each KiB on the slowest line that is served.
    each_kib: Duration,
}

const SLOWEST: Pace = Pace { patience: Duration::from_secs(15), each_kib: Duration::from_millis(125) };

/// The body of a request, refused when it comes too slowly. The place is safe from the moment it has come whole.
pub(super) fn arriving(body: Body, seat: Arc<Seat>) -> Body {
    paced(body, seat, SLOWEST)
}

fn paced(body: Body, seat: Arc<Seat>, pace: Pace) -> Body {
    if body.is_end_stream() {
        seat.works();
        return body;
    }
    let begun = Instant::now();
    let state = (Unread(Some(body.into_data_stream())), 0_usize, seat);
    Body::from_stream(futures::stream::unfold(Some(state), move |state| async move {
        let (mut unread, come, seat) = state?;
        let parts = unread.0.as_mut()?;
        let kib = u32::try_from(come / 1024).unwrap_or(u32::MAX);
        let due = begun + pace.patience + pace.each_kib.saturating_mul(kib);
        let patience = due.min(Instant::now() + pace.patience);
        match tokio::time::timeout_at(patience, parts.next()).await {
            Err(_) => Some((Err(axum::Error::new(TooSlow)), None)),
            Ok(Some(Ok(part))) => {
                let come = come + part.len();
                Some((Ok::<Bytes, axum::Error>(part), Some((unread, come, seat))))
            }
            Ok(Some(Err(error))) => {
                unread.0 = None;
                Some((Err(error), None))
            }
            Ok(None) => {
                unread.0 = None;
                seat.works();
                None
            }
        }
    }))
}

/// A body that may not have been read to its end. Dropped before, its rest is read and thrown away for a while, so that the
/// client gets to read the response (RFC 9112, 9.6).
struct Unread(Option<BodyDataStream>);

/// For how long, and how much of, a body that nobody wants is read.
const LINGER: (Duration, usize) = (Duration::from_secs(5), 16 << 20);

impl Drop for Unread {
    fn drop(&mut self) {
        let (Some(mut rest), Ok(runtime)) = (self.0.take(), Handle::try_current()) else { return };
        runtime.spawn(tokio::time::timeout(LINGER.0, async move {
            let mut come = 0;
            while let Some(Ok(part)) = rest.next().await {
                come += part.len();
                if come > LINGER.1 {
                    break;
                }
            }
        }));
    }
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

    /// A tenth of a second where the server has fifteen.
    const QUICK: Pace = Pace { patience: Duration::from_millis(100), each_kib: Duration::from_millis(2) };

    fn drips(pause: Duration, part: Bytes) -> Body {
        Body::from_stream(futures::stream::unfold(0, move |sent: u32| {
            let part = part.clone();
            async move {
                tokio::time::sleep(pause).await;
                (sent < 50).then(|| (Ok::<_, std::io::Error>(part), sent + 1))
            }
        }))
    }

    #[tokio::test]
    async fn attack_4_a_body_that_drips_is_given_up() {
        for pause in [10, 60, 5_000] {
            let begun = Instant::now();
            let body = drips(Duration::from_millis(pause), Bytes::from_static(b"x"));
            assert!(axum::body::to_bytes(paced(body, seat(), QUICK), 1_000).await.is_err(), "{pause}");
            assert!(begun.elapsed() >= QUICK.patience && begun.elapsed() < Duration::from_secs(3), "{pause}");
        }
    }

    #[tokio::test]
    async fn a_slow_line_is_served() {
        let body = drips(Duration::from_millis(10), Bytes::from(vec![0; 64 * 1024]));
        let come = axum::body::to_bytes(paced(body, seat(), QUICK), 1 << 24).await.expect("comes");
        assert_eq!(come.len(), 50 * 64 * 1024);
    }

    #[tokio::test]
    async fn attack_3_what_a_refusal_leaves_unread_is_read_for_a_while() {
        let sent = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let count = sent.clone();
        let parts = drips(Duration::from_millis(1), Bytes::from_static(b"x")).into_data_stream();
        let counted = parts.inspect(move |_| {
            count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        });
        let body = paced(Body::from_stream(counted), seat(), QUICK);
        drop(body);
        let begun = Instant::now();
        while sent.load(std::sync::atomic::Ordering::Relaxed) < 50 {
            assert!(begun.elapsed() < Duration::from_secs(3), "{sent:?} of 50 parts");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
