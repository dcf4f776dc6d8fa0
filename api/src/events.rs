//! The stream behind `GET /api/v1/events`: a tick when the lake has changed, a heartbeat otherwise.
//! Carries no data: whoever hears a tick asks again with own rights.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use axum::response::sse::Event;
use futures::Stream;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Several commits within this time are one tick.
const DEBOUNCE: Duration = Duration::from_millis(200);

/// Proxies close connections that stay silent for longer than a minute; sessions are looked at as often.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Says whether the listener is still logged in.
pub type StillValid = Pin<Box<dyn Future<Output = bool> + Send>>;

/// What an open stream holds.
struct Listening<F> {
    changes: watch::Receiver<u64>,
    stop: CancellationToken,
    check: F,
    greeted: bool,
}

/// Ticks until the session or the server ends.
pub fn ticks<F>(
    changes: watch::Receiver<u64>,
    stop: CancellationToken,
    check: F,
) -> impl Stream<Item = Result<Event, Infallible>>
where
    F: Fn() -> StillValid + Send + 'static,
{
    let listening = Listening { changes, stop, check, greeted: false };
    futures::stream::unfold(listening, |mut listening| async move {
        let event = listening.next().await?;
        Some((Ok(event), listening))
    })
}

impl<F: Fn() -> StillValid> Listening<F> {
    async fn next(&mut self) -> Option<Event> {
        // The first event tells the browser that it is connected and from which state on.
        if !self.greeted {
            self.greeted = true;
            return Some(self.tick());
        }
        tokio::select! {
            () = self.stop.cancelled() => return None,
            changed = self.changes.changed() => changed.ok()?,
            () = tokio::time::sleep(HEARTBEAT) => {
                return (self.check)().await.then(|| Event::default().comment("heartbeat"));
            }
        }
        tokio::select! {
            () = self.stop.cancelled() => return None,
            () = tokio::time::sleep(DEBOUNCE) => {}
        }
        (self.check)().await.then(|| self.tick())
    }

    fn tick(&mut self) -> Event {
        let tick = *self.changes.borrow_and_update();
        Event::default().event("data").data(format!("{{\"tick\":{tick}}}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::StreamExt;

    #[tokio::test]
    async fn commits_in_a_row_are_one_tick_and_a_closed_session_ends_the_stream() {
        let (sender, receiver) = watch::channel(1_u64);
        let (open, is_open) = watch::channel(true);
        let check = move || -> StillValid {
            let now = *is_open.borrow();
            Box::pin(async move { now })
        };
        let mut stream = Box::pin(ticks(receiver, CancellationToken::new(), check));
        assert!(stream.next().await.is_some(), "greeting");
        sender.send(2).expect("send");
        sender.send(3).expect("send");
        assert!(stream.next().await.is_some(), "one tick");
        open.send(false).expect("send");
        assert!(stream.next().await.is_none(), "the session is over");
    }
}
