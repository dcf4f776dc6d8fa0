//! Settings of `pujiang serve`, one struct per concern, read once at start.
//! A flag beats an environment variable beats the TOML file beats the default.

mod admin;
mod error;
mod limits;
mod log;
mod postgres;
mod server;
mod source;
mod store;

pub use admin::AdminConfig;
pub use error::ConfigError;
pub use limits::LimitsConfig;
pub use log::{LogConfig, LogFormat};
pub use postgres::{CertificatePair, PostgresConfig};
pub use server::{Reach, ServerConfig};
pub use source::{Flags, Sources};
pub use store::StoreConfig;

/// Everything `pujiang serve` can be told.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen.
    pub server: ServerConfig,
    /// Where data lives.
    pub store: StoreConfig,
    /// Where clients of the PostgreSQL protocol are listened to.
    pub postgres: PostgresConfig,
    /// How much one request may bring.
    pub limits: LimitsConfig,
    /// How to log.
    pub log: LogConfig,
    /// The first administrator.
    pub admin: AdminConfig,
}

impl Config {
    /// Reads all concerns and refuses settings nobody knows.
    pub fn from_sources(sources: &Sources) -> Result<Self, ConfigError> {
        let store = StoreConfig::from_sources(sources)?;
        let config = Self {
            server: ServerConfig::from_sources(sources)?,
            postgres: PostgresConfig::from_sources(sources, &store.data)?,
            store,
            limits: LimitsConfig::from_sources(sources)?,
            log: LogConfig::from_sources(sources)?,
            admin: AdminConfig::from_sources(sources)?,
        };
        sources.refuse_unknown()?;
        Ok(config)
    }

    /// Settings of an in-process server over a temporary folder.
    pub fn for_testing(data: &std::path::Path) -> Self {
        Self {
            server: ServerConfig::for_testing(),
            store: StoreConfig::for_testing(data),
            postgres: PostgresConfig::in_folder(data),
            limits: LimitsConfig::default(),
            log: LogConfig::default(),
            admin: AdminConfig::default(),
        }
    }
}
