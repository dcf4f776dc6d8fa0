//! How much one request may bring, and how much memory answers may hold that nobody reads.

use super::{ConfigError, Sources};
use crate::sql::UnreadBounds;

/// Upper bounds of request bodies and of answers that wait to be read.
#[derive(Debug, Clone)]
pub struct LimitsConfig {
    /// Bytes of an ordinary body.
    pub body: usize,
    /// Bytes of an import or a partner batch.
    pub import: usize,
    /// Bytes of answers that are not read yet: rows of open cursors, bodies on their way.
    pub unread: UnreadBounds,
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
        let mib = "应为 MiB 的整数";
        if let Some(given) = sources.get(None, "PUJIANG_UNREAD_MIB", "limits.unread_mib") {
            limits.unread.all = usize::from(given.parse::<u16>(mib)?.max(1)) << 20;
        }
        let given = sources.get(None, "PUJIANG_UNREAD_MIB_PER_ACCOUNT", "limits.unread_mib_per_account");
        if let Some(given) = given {
            limits.unread.per_account = usize::from(given.parse::<u16>(mib)?.max(1)) << 20;
        }
        Ok(limits)
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            body: 1024 * 1024,
            import: 64 * 1024 * 1024,
            unread: UnreadBounds { per_account: 256 << 20, all: 512 << 20 },
        }
    }
}
