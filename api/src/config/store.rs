//! Where the operational store, the lake and the keys live.

use std::path::{Path, PathBuf};

use super::{ConfigError, Sources};

/// The data folder and, if it is elsewhere, the operational database.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// Folder of everything the server keeps.
    pub data: PathBuf,
    /// Set when the operational store is a PostgreSQL server.
    pub database_url: Option<String>,
}

impl StoreConfig {
    pub(super) fn from_sources(sources: &Sources) -> Result<Self, ConfigError> {
        let flag = sources.flags.data.as_ref().map(|path| ("--data", path.display().to_string()));
        let data = sources
            .get(flag, "PUJIANG_DATA", "store.data")
            .map_or_else(|| PathBuf::from("data"), |given| PathBuf::from(given.value));
        let database_url = sources
            .get(None, "PUJIANG_DATABASE_URL", "store.database_url")
            .map(|given| {
                let known = ["postgres://", "postgresql://", "sqlite:"]
                    .iter()
                    .any(|scheme| given.value.starts_with(scheme));
                if known {
                    Ok(given.value.clone())
                } else {
                    Err(given.refuse("应以 postgres:// 或 sqlite: 开头"))
                }
            })
            .transpose()?;
        Ok(Self { data, database_url })
    }

    pub(super) fn for_testing(data: &Path) -> Self {
        Self::in_folder(data)
    }

    /// The defaults over a data folder; `PUJIANG_DATABASE_URL` is not asked.
    pub fn in_folder(data: &Path) -> Self {
        Self { data: data.to_path_buf(), database_url: None }
    }

    /// URL of the operational store.
    pub fn url(&self) -> String {
        self.database_url
            .clone()
            .unwrap_or_else(|| format!("sqlite://{}?mode=rwc", self.data.join("pujiang.db").display()))
    }

    /// Folder of the Delta tables.
    pub fn lake(&self) -> PathBuf {
        self.data.join("lake")
    }

    /// Folder of the definitions that lie over the built-in ones.
    pub fn definitions(&self) -> PathBuf {
        self.data.join("definitions")
    }

    /// File with the encryption and pseudonym keys.
    pub fn keys(&self) -> PathBuf {
        self.data.join("keys.json")
    }

    /// Folder watched for partner files.
    pub fn inbox(&self) -> PathBuf {
        self.data.join("inbox")
    }

    /// Folder of finished reports.
    pub fn reports(&self) -> PathBuf {
        self.data.join("reports")
    }
}
