//! `pujiang serve`: everything in one process, until SIGTERM or Ctrl-C.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::args::ServeArgs;
use super::{CliError, Verdict};
use crate::app::{App, FirstStart, Live, OpenError};
use crate::config::{Config, Flags, Reach, Sources};
use crate::connections::{self, Bounds};
use crate::{logging, postgres, telemetry};

/// How long open requests may take to end after a signal; streams end at once.
const GRACE: Duration = Duration::from_secs(10);

/// Opens the data folder, serves, and stops cleanly.
pub async fn run(args: ServeArgs) -> Result<Verdict, CliError> {
    let started = Instant::now();
    let flags = Flags {
        data: args.data,
        listen: args.listen,
        pg_listen: args.pg_listen,
        pg_cert: args.pg_cert,
        pg_key: args.pg_key,
    };
    let files = connections::raise_limit();
    let config = Config::from_sources(&Sources::read(flags, args.config.as_deref())?)?;
    logging::start(&config.log);
    telemetry::watch_panics();
    let live = Box::pin(Live::open(&config)).await?;
    let app = live.app();
    advise(&app, &config).await?;
    let listener = TcpListener::bind(config.server.listen).await.map_err(|source| {
        CliError::io(format!("监听 {}（--listen / PUJIANG_LISTEN）", config.server.listen), source)
    })?;
    let address = listener.local_addr().map_err(|source| CliError::io("读取监听地址", source))?;
    let wire = match config.postgres.listen {
        Some(listen) => Some(postgres::Server::bind(live.current(), &config.postgres, listen).await?),
        None => None,
    };
    let wire_address = wire.as_ref().map_or_else(|| "-".to_owned(), |wire| wire.address().to_string());
    let stop = app.stop.clone();
    let bounds = http_bounds(&config, files);
    let mut serving =
        tokio::spawn(connections::serve(listener, live.router(), connections::Room::new(bounds), stop));
    let wire = wire.map(|wire| tokio::spawn(wire.run()));
    tracing::info!(
        address = %format!("http://{address}"),
        postgres = %wire_address,
        files,
        connections = bounds.all,
        connections_per_address = bounds.per_address,
        data = %config.store.data.display(),
        duration_ms = started.elapsed().as_millis() as u64,
        "serving"
    );
    live.start().await;
    tokio::select! {
        ended = &mut serving => {
            live.stop().await;
            return match ended {
                Ok(Ok(())) => Ok(Verdict::Yes),
                Ok(Err(source)) => Err(CliError::io("提供服务", source)),
                Err(error) => Err(CliError::failed("提供服务")(error)),
            };
        }
        signal = ended_by_signal() => tracing::info!(signal = signal?, "stopping"),
    }
    app.stop.cancel();
    if tokio::time::timeout(GRACE, serving).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut");
    }
    // It has its own time to end, counted from the same signal.
    if let Some(wire) = wire
        && let Err(error) = wire.await
    {
        tracing::error!(error = %error, "wire ended badly");
    }
    live.stop().await;
    app.audit.stop().await;
    // The store's file alone is the whole store again: copies of it are whole, too.
    if tokio::time::timeout(GRACE, app.store.pool().close()).await.is_err() {
        tracing::warn!("connections to the store did not close in time");
    }
    tracing::info!("stopped");
    Ok(Verdict::Yes)
}

/// What HTTP may take of the open files, beside the other listener and what is kept for the lake.
fn http_bounds(config: &Config, files: u64) -> Bounds {
    let wire = if config.postgres.listen.is_some() { config.postgres.connections } else { 0 };
    let own = Bounds::of_files(files, wire);
    let all = config.server.connections.map_or(own.all, |wished| wished.min(own.all));
    let per_address = config.server.connections_per_address.unwrap_or(all.div_ceil(2)).min(all);
    Bounds { all, per_address }
}

async fn ended_by_signal() -> Result<&'static str, CliError> {
    let failed = |source| CliError::io("注册信号处理", source);
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    tokio::select! {
        _ = terminate.recv() => Ok("SIGTERM"),
        _ = interrupt.recv() => Ok("SIGINT"),
    }
}

/// Says what to do on a first start, and what the listening address means for demonstration accounts.
async fn advise(app: &Arc<App>, config: &Config) -> Result<(), CliError> {
    match app.prepare_first_start(&config.admin).await? {
        FirstStart::NotFirst => {}
        FirstStart::AdministratorMade => {
            tracing::info!(
                "first start: account sysadmin was made with the password of PUJIANG_ADMIN_PASSWORD"
            );
        }
        FirstStart::NobodyYet => tracing::warn!(
            "nobody can log in yet: set PUJIANG_ADMIN_PASSWORD (12 characters or more) and start again, \
             or fill an empty folder with `pujiang demo --data DIR`"
        ),
    }
    if app.desk.is_edited().await.map_err(OpenError::from)? {
        tracing::warn!(
            definitions.number = app.applied,
            "the folder of definitions holds changes that were not applied and are not in use: look at them with \
             `pujiang definitions plan --data DIR`, take them up with `pujiang definitions apply --data DIR`"
        );
    }
    if config.postgres.reach() == Reach::Network && config.postgres.certificate.is_none() {
        tracing::warn!(
            "the PostgreSQL protocol listens beyond this machine with a self-made certificate: give --pg-cert and \
             --pg-key, so that clients can check whom they talk to"
        );
    }
    if config.server.reach() == Reach::Network {
        tracing::warn!(
            "listening beyond this machine: demonstration accounts are refused; put a TLS proxy in front"
        );
    }
    Ok(())
}
