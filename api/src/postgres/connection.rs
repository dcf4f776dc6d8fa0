//! One socket from its first byte to its last: encryption, login, messages, silence, the end of the process.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::{FutureExt, SinkExt, StreamExt};
use pgwire::api::cancel::CancelHandler;
use pgwire::api::{ClientInfo, NoopHandler, PgWireConnectionState};
use pgwire::error::{ErrorInfo, PgWireError};
use pgwire::messages::cancel::CancelRequest;
use pgwire::messages::{PgWireBackendMessage, PgWireFrontendMessage};
use pgwire::tokio::server::{
    MaybeTls, PgWireMessageServerCodec, negotiate_tls, process_error, process_message,
};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_util::codec::{Framed, FramedParts};

use super::backend::{Backend, Wire};
use super::failure::{Failure, Weight};
use super::guard::{Guard, KNOWN, STRANGER};
use super::link::Link;
use super::login::{Admission, Login};
use super::statement::Stored;
use crate::connections::Seat;

/// How long encryption and login may take together.
const LOGIN_TIME: Duration = Duration::from_secs(15);

type Socket = Framed<Guard<MaybeTls>, PgWireMessageServerCodec<Stored>>;

/// Serves one socket until either side ends it. Without a place it is only told so, or interrupts another.
pub async fn serve(socket: TcpStream, wire: Arc<Wire>, seat: Option<&Seat>) {
    let begun = Instant::now();
    let deadline = begun + LOGIN_TIME;
    let Ok(peer) = socket.peer_addr() else { return };
    // The library reads what strangers send and trusts its lengths: a panic of it ends this connection and nothing else.
    let negotiating = AssertUnwindSafe(negotiate_tls(socket, Some(wire.identity.acceptor()))).catch_unwind();
    let socket = match tokio::time::timeout_at(deadline, negotiating).await {
        Ok(Ok(Ok(Some(socket)))) => guarded(socket, wire.idle_open),
        Ok(Ok(Ok(None)) | Err(_)) | Err(_) => return,
        Ok(Ok(Err(error))) => {
            tracing::debug!(error = %error, "wire handshake failed");
            return;
        }
    };
    let link = Arc::new(Link::from(peer.ip().to_string()));
    let backend = Backend { wire, link };
    let admission = if seat.is_some() { Admission::Open } else { Admission::Full };
    let login = Arc::new(Login::new(backend.clone(), admission));
    let mut connection = Connection { socket, login, backend, deadline, seat };
    connection.run().await;
    let Connection { backend, .. } = connection;
    if backend.link.account_id().is_some() {
        tracing::info!(
            account = backend.link.account(),
            duration_ms = begun.elapsed().as_millis() as u64,
            "wire connection ended"
        );
    }
}

struct Connection<'a> {
    socket: Socket,
    login: Arc<Login>,
    backend: Backend,
    deadline: Instant,
    /// The place it has, given up to others until somebody has logged in.
    seat: Option<&'a Seat>,
}

impl Connection<'_> {
    async fn run(&mut self) {
        let handler = Arc::new(self.backend.clone());
        while let Some(message) = self.next().await {
            if matches!(message, PgWireFrontendMessage::Terminate(_)) {
                return;
            }
            let extended = message.is_extended_query();
            let done = AssertUnwindSafe(process_message(
                message,
                &mut self.socket,
                self.login.clone(),
                handler.clone(),
                handler.clone(),
                Arc::new(NoopHandler),
                handler.clone(),
            ))
            .catch_unwind()
            .await;
            let Ok(done) = done else {
                self.part(unreadable().into_info()).await;
                return;
            };
            if let Err(error) = done
                && !self.told(error, extended).await
            {
                return;
            }
            if self.is_login() {
                self.socket.get_mut().allow(STRANGER);
            } else {
                self.socket.get_mut().allow(KNOWN);
                if let Some(seat) = self.seat.take() {
                    seat.works();
                }
            }
        }
    }

    /// The next message; none when it is time to part.
    async fn next(&mut self) -> Option<PgWireFrontendMessage> {
        let wire = &self.backend.wire;
        let open = self.backend.link.has_open_answers();
        let limit = match (self.is_login(), open) {
            (true, _) => self.deadline,
            (false, true) => Instant::now() + wire.idle.min(wire.idle_open),
            (false, false) => Instant::now() + wire.idle,
        };
        let stop = wire.app().stop.clone();
        let reading = AssertUnwindSafe(self.socket.next()).catch_unwind();
        let parting = tokio::select! {
            biased;
            () = stop.cancelled() => Failure::fatal("57P01", "服务正在停止，请稍后重新连接。"),
            message = tokio::time::timeout_at(limit, reading) => match message {
                Ok(Ok(Some(Ok(message)))) => return Some(message),
                Ok(Ok(Some(Err(error)))) => {
                    tracing::debug!(error = %error, "wire message cannot be read");
                    unreadable()
                }
                Ok(Err(_)) => unreadable(),
                Ok(Ok(None)) => return None,
                Err(_) if self.is_login() => return None,
                Err(_) if open => {
                    Failure::fatal("25P03", "有结果没有读完而连接空闲太久，已断开，请重新连接。")
                }
                Err(_) => Failure::fatal("57P05", "连接空闲太久，已断开，请重新连接。"),
            },
        };
        self.part(parting.into_info()).await;
        None
    }

    /// Tells an error; whether the connection goes on.
    async fn told(&mut self, error: PgWireError, extended: bool) -> bool {
        let login = self.is_login();
        let info = match Failure::of_wire(error) {
            Ok(info) => info,
            Err(failure) if login && failure.weight() == Weight::Error => failure.and_end().into_info(),
            Err(failure) => failure.into_info(),
        };
        if login || info.is_fatal() {
            self.part(info).await;
            return false;
        }
        let error = PgWireError::UserError(Box::new(info));
        process_error(&mut self.socket, error, extended).await.is_ok()
    }

    async fn part(&mut self, mut info: ErrorInfo) {
        info.severity = "FATAL".to_owned();
        info.severity_nonlocalized = Some(info.severity.clone());
        // Whoever is gone already needs no words of parting.
        let _ = self.socket.send(PgWireBackendMessage::ErrorResponse(info.into())).await;
        let _ = self.socket.close().await;
    }

    fn is_login(&self) -> bool {
        use PgWireConnectionState::{AuthenticationInProgress, AwaitingSslRequest, AwaitingStartup};
        matches!(self.socket.state(), AwaitingSslRequest | AwaitingStartup | AuthenticationInProgress)
    }
}

/// Bytes that are no message, or more of them than one may have.
fn unreadable() -> Failure {
    Failure::fatal("08P01", "收到的消息不合协议，或超过长度上限。")
}

fn guarded(socket: Framed<MaybeTls, PgWireMessageServerCodec<Stored>>, patience: Duration) -> Socket {
    let old = socket.into_parts();
    let mut parts = FramedParts::new(Guard::new(old.io, patience), old.codec);
    parts.read_buf = old.read_buf;
    parts.write_buf = old.write_buf;
    Framed::from_parts(parts)
}

#[async_trait::async_trait]
impl CancelHandler for Backend {
    async fn on_cancel_request(&self, request: CancelRequest) {
        self.wire.registry.interrupt(request.pid, &request.secret_key);
    }
}
