//! Where the server listens, and what follows from it.

use std::net::{Ipv4Addr, SocketAddr};

use super::{ConfigError, Sources};

/// Who can reach the listening address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Only programs of this machine: demonstration accounts work.
    Loopback,
    /// Other machines too: demonstration accounts are refused.
    Network,
}

/// The listening address.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Connections at a time; by default as many as the limit of open files allows.
    pub connections: Option<usize>,
    /// Connections of one address at a time; by default half. Behind a proxy all come from its address.
    pub connections_per_address: Option<usize>,
}

impl ServerConfig {
    pub(super) fn from_sources(sources: &Sources) -> Result<Self, ConfigError> {
        let flag = sources.flags.listen.clone().map(|value| ("--listen", value));
        let mut config = Self::default();
        if let Some(given) = sources.get(flag, "PUJIANG_LISTEN", "server.listen") {
            config.listen = given.parse("应为 地址:端口，例如 127.0.0.1:8080")?;
        }
        let number = |env: &str, key: &str| {
            let given = sources.get(None, env, key);
            given
                .map(|given| given.parse::<u16>("应为 1 到 65535 的整数").map(|n| n.max(1).into()))
                .transpose()
        };
        config.connections = number("PUJIANG_CONNECTIONS", "server.connections")?;
        config.connections_per_address =
            number("PUJIANG_CONNECTIONS_PER_ADDRESS", "server.connections_per_address")?;
        Ok(config)
    }

    pub(super) fn for_testing() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), ..Self::default() }
    }

    /// Who can reach this address.
    pub fn reach(&self) -> Reach {
        if self.listen.ip().is_loopback() { Reach::Loopback } else { Reach::Network }
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            connections: None,
            connections_per_address: None,
        }
    }
}
