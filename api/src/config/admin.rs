//! The first administrator of an empty store.

use super::{ConfigError, Sources};

/// How the first administrator comes to be.
#[derive(Clone, Default)]
pub struct AdminConfig {
    /// Password of the account `sysadmin` on an empty store.
    pub password: Option<String>,
}

impl AdminConfig {
    pub(super) fn from_sources(sources: &Sources) -> Result<Self, ConfigError> {
        // Not in the file: a password in a configuration file ends up in a backup.
        let password = sources
            .get(None, "PUJIANG_ADMIN_PASSWORD", "admin.password_from_environment_only")
            .map(|given| {
                if given.value.chars().count() < 12 {
                    Err(given.refuse("至少 12 个字符"))
                } else {
                    Ok(given.value)
                }
            })
            .transpose()?;
        Ok(Self { password })
    }
}

/// Passwords do not reach a debug print.
impl std::fmt::Debug for AdminConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AdminConfig").field("password", &self.password.as_ref().map(|_| "***")).finish()
    }
}
