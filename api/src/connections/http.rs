//! Serves HTTP: each connection has a place, a time for the head of a request, and ends when its place is given away or
//! the process stops.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::body::{arriving, leaving};
use super::stalled::Read;
use super::{Room, Seat};

/// How long the head of a request may take, from the end of the one before it: also how long a connection may be idle.
const HEAD: Duration = Duration::from_secs(30);
/// How long a client may read nothing of a response.
const UNREAD: Duration = Duration::from_secs(30);
/// After an error of accepting, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until stopped, then lets open requests end; comes back when the last one has.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    room: Room,
    stop: CancellationToken,
) -> io::Result<()> {
    let tasks = TaskTracker::new();
    loop {
        let (socket, peer) = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(error = %error, "cannot accept a connection");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            },
        };
        // Without a place it is closed: to answer it would be to serve it.
        if let Some(seat) = room.enter(peer.ip()) {
            tasks.spawn(serve_one(socket, peer, router.clone(), Arc::new(seat), stop.clone()));
        }
    }
    drop(listener);
    tasks.close();
    tasks.wait().await;
    Ok(())
}

async fn serve_one(
    socket: TcpStream,
    peer: SocketAddr,
    router: Router,
    seat: Arc<Seat>,
    stop: CancellationToken,
) {
    // Small answers go out at once.
    let _ = socket.set_nodelay(true);
    let service = {
        let seat = seat.clone();
        service_fn(move |request: hyper::Request<Incoming>| {
            let (router, seat) = (router.clone(), seat.clone());
            async move {
                let mut request = request.map(|body| arriving(Body::new(body), seat.clone()));
                request.extensions_mut().insert(ConnectInfo(peer));
                let response = router.oneshot(request).await?;
                // A handler that did not read the body has nothing more to wait for.
                seat.works();
                Ok::<_, Infallible>(response.map(|body| leaving(body, seat)))
            }
        })
    };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(Read::within(UNREAD, socket)), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = seat.given_away() => return,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(error = %error, "connection ended early");
    }
}
