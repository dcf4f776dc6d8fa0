//! Listens for clients of the PostgreSQL protocol, as many as are allowed at a time, until the process stops.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use pgwire::api::RandomPidSecretKeyGenerator;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use super::backend::Wire;
use super::connection;
use super::registry::Registry;
use super::tls::{Identity, TlsError};
use crate::app::Current;
use crate::config::PostgresConfig;
use crate::connections::Room;
use crate::sql::SqlService;

/// Connections beyond the limit that are told so, or may interrupt another; more are dropped without a word.
const TOLD: usize = 32;

/// How long they have to listen.
const TOLD_WITHIN: Duration = Duration::from_secs(5);

/// How long open statements may take to end when the process stops.
const GRACE: Duration = Duration::from_secs(10);

/// After an error of accepting, such as too many open files.
const PAUSE: Duration = Duration::from_millis(200);

/// Why the wire cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The address cannot be used.
    #[error("监听 {address}（--pg-listen / PUJIANG_PG_LISTEN）失败")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// There is no certificate.
    #[error("PostgreSQL 协议的证书不能用（--pg-cert、--pg-key）")]
    Tls(#[from] TlsError),
}

/// The listening server.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    wire: Arc<Wire>,
    room: Room,
}

impl Server {
    /// Listens; nobody is served before `run`.
    pub async fn bind(
        app: impl Into<Current>,
        config: &PostgresConfig,
        listen: SocketAddr,
    ) -> Result<Self, WireError> {
        let identity = match &config.certificate {
            Some(pair) => Identity::read(&pair.certificate, &pair.key)?,
            None => Identity::own(&config.own_certificate)?,
        };
        let failed = |source| WireError::Listen { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let wire = Wire {
            current: app.into(),
            reach: config.reach(),
            registry: Arc::new(Registry::default()),
            identity,
            numbers: RandomPidSecretKeyGenerator::default(),
            idle: config.idle,
            idle_open: config.idle_open,
        };
        Ok(Self { listener, address, wire: Arc::new(wire), room: Room::new(config.bounds()) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the process stops, then lets open statements end.
    pub async fn run(self) {
        let tasks = TaskTracker::new();
        let told = Arc::new(Semaphore::new(TOLD));
        let stop = self.wire.app().stop.clone();
        loop {
            let (socket, peer) = tokio::select! {
                () = stop.cancelled() => break,
                accepted = self.listener.accept() => match accepted {
                    Ok(accepted) => accepted,
                    Err(error) => {
                        tracing::warn!(error = %error, "wire cannot accept a connection");
                        tokio::time::sleep(PAUSE).await;
                        continue;
                    }
                },
            };
            let wire = self.wire.clone();
            if let Some(seat) = self.room.enter(peer.ip()) {
                tasks.spawn(async move {
                    let _counted = Counted::new(&wire);
                    tokio::select! {
                        () = connection::serve(socket, wire.clone(), Some(&seat)) => {}
                        // Only before the log-in: whoever has logged in keeps the place.
                        () = seat.given_away() => {}
                    }
                });
            } else if let Ok(permit) = told.clone().try_acquire_owned() {
                tasks.spawn(async move {
                    let _permit = permit;
                    let serving = connection::serve(socket, wire.clone(), None);
                    // Whoever does not speak now need not be told.
                    let _ = tokio::time::timeout(TOLD_WITHIN, serving).await;
                });
            }
        }
        drop(self.listener);
        tasks.close();
        if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
            tracing::warn!("some statements of the wire did not end in time and were cut");
        }
    }
}

/// Counts a connection as long as it lives, however it ends.
struct Counted(SqlService);

impl Counted {
    fn new(wire: &Arc<Wire>) -> Self {
        let service = wire.app().sql.clone();
        service.figures().connected();
        Self(service)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.figures().disconnected();
    }
}
