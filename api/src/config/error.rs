//! What can be wrong with settings; every message names the variable.

use std::path::PathBuf;

/// A setting the server cannot start with.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The configuration file cannot be read.
    #[error("读取配置文件 {path} 失败")]
    ReadFile {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The configuration file is not TOML.
    #[error("配置文件 {path} 不是有效的 TOML：{message}")]
    ParseFile {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        message: String,
    },
    /// A key of the file that no setting has.
    #[error("配置文件 {path}：不认识的配置项 {keys}，请删除或改正")]
    UnknownKeys {
        /// Which file.
        path: PathBuf,
        /// The keys.
        keys: String,
    },
    /// A value that does not fit.
    #[error("配置 {name} 的值不对：{expected}")]
    BadValue {
        /// Flag, environment variable or key of the file.
        name: String,
        /// What it should be.
        expected: String,
    },
}
