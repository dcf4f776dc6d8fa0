//! What is logged and in which form.

use super::{ConfigError, Sources};

/// Form of the log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people at a terminal.
    #[default]
    Text,
    /// For collectors.
    Json,
}

/// Filter and form of the log.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// Directives as `tracing` reads them.
    pub filter: String,
    /// Form of the lines.
    pub format: LogFormat,
}

impl LogConfig {
    pub(super) fn from_sources(sources: &Sources) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        if let Some(given) = sources.get(None, "PUJIANG_LOG", "log.filter") {
            config.filter = given.value;
        }
        if let Some(given) = sources.get(None, "PUJIANG_LOG_FORMAT", "log.format") {
            config.format = match given.value.as_str() {
                "text" => LogFormat::Text,
                "json" => LogFormat::Json,
                _ => return Err(given.refuse("应为 text 或 json")),
            };
        }
        Ok(config)
    }
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            // The engine crates log every plan and file at info.
            filter: "info,datafusion=warn,deltalake=warn,deltalake_core=warn,delta_kernel=warn,buoyant_kernel=warn,sqlx=warn,tower_http=warn,tokio_cron_scheduler=warn"
                .to_owned(),
            format: LogFormat::default(),
        }
    }
}
