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
}

impl ServerConfig {
    pub(super) fn from_sources(sources: &Sources) -> Result<Self, ConfigError> {
        let flag = sources.flags.listen.clone().map(|value| ("--listen", value));
        match sources.get(flag, "PUJIANG_LISTEN", "server.listen") {
            None => Ok(Self::default()),
            Some(given) => Ok(Self { listen: given.parse("应为 地址:端口，例如 127.0.0.1:8080")? }),
        }
    }

    pub(super) fn for_testing() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)) }
    }

    /// Who can reach this address.
    pub fn reach(&self) -> Reach {
        if self.listen.ip().is_loopback() { Reach::Loopback } else { Reach::Network }
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)) }
    }
}
