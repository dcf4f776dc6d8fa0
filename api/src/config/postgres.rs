//! Where clients of the PostgreSQL protocol are listened to, and how many.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{ConfigError, Reach, Sources};
use crate::connections::Bounds;

/// Connections at a time.
const CONNECTIONS: usize = 200;

/// Silence after which a connection is closed.
const IDLE: Duration = Duration::from_secs(30 * 60);

/// Silence after which a connection is closed that has not read its answers to the end: they hold memory.
const IDLE_OPEN: Duration = Duration::from_secs(5 * 60);

/// The PostgreSQL protocol; not served unless an address is given.
#[derive(Debug, Clone)]
pub struct PostgresConfig {
    /// Address and port; port 0 takes a free one.
    pub listen: Option<SocketAddr>,
    /// The operator's certificate and key.
    pub certificate: Option<CertificatePair>,
    /// Folder of the pair that is made when the operator gives none.
    pub own_certificate: PathBuf,
    /// Connections at a time.
    pub connections: usize,
    /// Connections of one address at a time; by default three quarters of all.
    pub connections_per_address: Option<usize>,
    /// Silence after which a connection is closed.
    pub idle: Duration,
    /// The same with answers that are not read to the end; how long a client may take to read on, too.
    pub idle_open: Duration,
}

/// Files of a certificate.
#[derive(Debug, Clone)]
pub struct CertificatePair {
    /// The certificate chain, PEM.
    pub certificate: PathBuf,
    /// Its key, PEM.
    pub key: PathBuf,
}

impl PostgresConfig {
    pub(super) fn from_sources(sources: &Sources, data: &Path) -> Result<Self, ConfigError> {
        let mut config = Self::in_folder(data);
        let flag = sources.flags.pg_listen.clone().map(|value| ("--pg-listen", value));
        if let Some(given) = sources.get(flag, "PUJIANG_PG_LISTEN", "postgres.listen") {
            config.listen = Some(given.parse("应为 地址:端口，例如 127.0.0.1:5433")?);
        }
        let path = |flag: &Option<PathBuf>| flag.as_ref().map(|path| path.display().to_string());
        let flag = path(&sources.flags.pg_cert).map(|value| ("--pg-cert", value));
        let certificate = sources.get(flag, "PUJIANG_PG_CERT", "postgres.cert");
        let flag = path(&sources.flags.pg_key).map(|value| ("--pg-key", value));
        let key = sources.get(flag, "PUJIANG_PG_KEY", "postgres.key");
        config.certificate = match (certificate, key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => {
                Some(CertificatePair { certificate: certificate.value.into(), key: key.value.into() })
            }
            (Some(alone), None) | (None, Some(alone)) => {
                return Err(alone.refuse("证书（--pg-cert）和私钥（--pg-key）须同时给出"));
            }
        };
        if let Some(given) = sources.get(None, "PUJIANG_PG_CONNECTIONS", "postgres.connections") {
            config.connections = given.parse::<u16>("应为 1 到 65535 的整数")?.max(1).into();
        }
        let given =
            sources.get(None, "PUJIANG_PG_CONNECTIONS_PER_ADDRESS", "postgres.connections_per_address");
        if let Some(given) = given {
            let most = given.parse::<u16>("应为 1 到 65535 的整数")?;
            config.connections_per_address = Some(most.max(1).into());
        }
        if let Some(given) = sources.get(None, "PUJIANG_PG_IDLE_SECONDS", "postgres.idle_seconds") {
            config.idle = Duration::from_secs(given.parse::<u32>("应为秒的整数")?.max(1).into());
        }
        let given = sources.get(None, "PUJIANG_PG_IDLE_OPEN_SECONDS", "postgres.idle_open_seconds");
        if let Some(given) = given {
            config.idle_open = Duration::from_secs(given.parse::<u32>("应为秒的整数")?.max(1).into());
        }
        Ok(config)
    }

    /// Listens nowhere; the certificate of our own lies in the data folder.
    pub fn in_folder(data: &Path) -> Self {
        Self {
            listen: None,
            certificate: None,
            own_certificate: data.join("tls"),
            connections: CONNECTIONS,
            connections_per_address: None,
            idle: IDLE,
            idle_open: IDLE_OPEN,
        }
    }

    /// How many connections there may be.
    pub fn bounds(&self) -> Bounds {
        let quarters = (self.connections * 3).div_ceil(4);
        Bounds { all: self.connections, per_address: self.connections_per_address.unwrap_or(quarters) }
    }

    /// Who can reach the address.
    pub fn reach(&self) -> Reach {
        match self.listen {
            Some(listen) if !listen.ip().is_loopback() => Reach::Network,
            _ => Reach::Loopback,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    fn read(env: &[(&str, &str)], file: Option<&str>) -> Result<PostgresConfig, String> {
        let sources = Sources::for_testing(env, file).expect("sources");
        Config::from_sources(&sources).map(|config| config.postgres).map_err(|error| error.to_string())
    }

    #[test]
    fn off_unless_an_address_is_given() {
        assert_eq!(read(&[], None).expect("config").listen, None);
        let config = read(&[("PUJIANG_PG_LISTEN", "0.0.0.0:5433")], Some("[postgres]\nconnections = 7\n"));
        let config = config.expect("config");
        assert_eq!((config.reach(), config.connections), (Reach::Network, 7));
    }

    #[test]
    fn mistakes_name_the_setting() {
        for (env, name) in [
            (("PUJIANG_PG_LISTEN", "here"), "PUJIANG_PG_LISTEN"),
            (("PUJIANG_PG_CERT", "server.crt"), "PUJIANG_PG_CERT"),
            (("PUJIANG_PG_CONNECTIONS", "many"), "PUJIANG_PG_CONNECTIONS"),
        ] {
            let error = read(&[env], None).expect_err("refused");
            assert!(error.contains(name), "{error}");
        }
    }
}
