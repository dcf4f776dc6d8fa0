//! Why a data folder cannot be opened.

use std::path::PathBuf;

use pujiang_ingest::IngestError;
use pujiang_security::CryptoError;
use pujiang_transactional::Error as StoreError;
use pujiang_transactional::store::StoreError as OpenStoreError;
use pujiang_warehouse::WarehouseError;

/// A data folder that cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made.
    #[error("建立数据目录 {path} 失败")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Definitions built into the program are wrong.
    #[error("程序内置的定义有误，请运行 pujiang check：\n{0}")]
    Definitions(String),
    /// The key file cannot be read or made.
    #[error("打开密钥文件 {path} 失败")]
    Keys {
        /// The file.
        path: PathBuf,
        /// Why.
        source: CryptoError,
    },
    /// The operational store does not open.
    #[error("打开业务库 {at} 失败，请检查 PUJIANG_DATABASE_URL 和数据库是否可达")]
    Store {
        /// Where it is, without user and password.
        at: String,
        /// Why.
        source: OpenStoreError,
    },
    /// The tables of the store cannot be brought to the definitions.
    #[error("升级业务库失败")]
    Migrate(#[source] StoreError),
    /// The lake does not open.
    #[error("打开数据湖失败")]
    Lake(#[source] WarehouseError),
    /// The feeds do not start.
    #[error("打开数据接入失败")]
    Ingest(#[source] IngestError),
    /// The first administrator cannot be made.
    #[error("建立初始管理员失败")]
    FirstAccount(#[source] StoreError),
    /// The OpenAPI document cannot be written.
    #[error("生成接口文档失败")]
    OpenApi(#[source] serde_json::Error),
}
