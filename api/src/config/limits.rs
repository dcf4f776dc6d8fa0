//! How much one request may bring.

use super::{ConfigError, Sources};

/// Upper bounds of request bodies.
#[derive(Debug, Clone)]
pub struct LimitsConfig {
    /// Bytes of an ordinary body.
    pub body: usize,
    /// Bytes of an import or a partner batch.
    pub import: usize,
}

impl LimitsConfig {
    pub(super) fn from_sources(sources: &Sources) -> Result<Self, ConfigError> {
        let mut limits = Self::default();
        if let Some(given) = sources.get(None, "PUJIANG_BODY_KIB", "limits.body_kib") {
            limits.body = given.parse::<u32>("应为 KiB 的整数")? as usize * 1024;
        }
        if let Some(given) = sources.get(None, "PUJIANG_IMPORT_MIB", "limits.import_mib") {
            limits.import = given.parse::<u16>("应为 MiB 的整数")? as usize * 1024 * 1024;
        }
        Ok(limits)
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self { body: 1024 * 1024, import: 64 * 1024 * 1024 }
    }
}
