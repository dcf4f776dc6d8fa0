//! Why a data folder cannot be opened.

use std::path::PathBuf;

use pujiang_definition::DefinitionError;
use pujiang_ingest::IngestError;
use pujiang_security::CryptoError;
use pujiang_transactional::Error as StoreError;
use pujiang_transactional::store::{OpenTrouble, StoreError as OpenStoreError};
use pujiang_warehouse::WarehouseError;

use crate::definitions::{DeskError, lines};

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
    /// Definitions are wrong, those built into the program or those laid over them.
    #[error(
        "定义有误，服务没有启动。请改正数据目录 definitions 下的这些文件，用 pujiang check --data 检查，再用 \
         pujiang definitions apply --data 启用：\n{}",
        lines(.0)
    )]
    Definitions(Vec<DefinitionError>),
    /// The applied definitions cannot be read or kept.
    #[error("读取正在使用的定义失败")]
    Desk(#[source] DeskError),
    /// The key file cannot be read or made.
    #[error("打开密钥文件 {path} 失败")]
    Keys {
        /// The file.
        path: PathBuf,
        /// Why.
        source: CryptoError,
    },
    /// There is no key file where there must be one.
    #[error(
        "密钥文件 {path} 不见了，而业务库或数据湖里已有用它加密的数据：请从备份恢复这个文件后再启动；不会另造新密钥，\
         否则已加密的数据再也读不出来"
    )]
    KeysMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// The key file is of another store.
    #[error("密钥文件 {path} 不是这个业务库的：缺少{missing}；请换回与业务库同一份备份里的密钥文件")]
    OtherKeys {
        /// The file.
        path: PathBuf,
        /// What is missing.
        missing: String,
    },
    /// The operational store is older than the lake.
    #[error(
        "业务库 {at} 比数据湖旧：数据湖已收到第 {cursor} 号变更，业务库里只到第 {top} 号。这样启动，新登记的数据进不了\
         看板；请用 pujiang restore 恢复同一时刻备份的业务库和数据湖"
    )]
    OlderStore {
        /// Where the store is.
        at: String,
        /// The last event the lake has.
        cursor: i64,
        /// The last event the store has.
        top: i64,
    },
    /// The operational store does not open.
    #[error("打开业务库 {at} 失败：{}", remedy(.source))]
    Store {
        /// Where it is, without user and password.
        at: String,
        /// Why.
        source: OpenStoreError,
    },
    /// The tables of the store cannot be brought to the definitions.
    #[error("检查或升级业务库失败{}", advice(.0))]
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

/// What to do about a store that does not open.
fn remedy(error: &OpenStoreError) -> &'static str {
    match error.open_trouble() {
        OpenTrouble::Full => "磁盘空间已满，请清理磁盘后再启动；数据没有损坏",
        OpenTrouble::Damaged => {
            "文件已损坏或不是数据库（文件头或数据页被改写），请停止使用它，用 pujiang restore 恢复最近的备份"
        }
        OpenTrouble::Denied => "文件打不开，请检查目录是否存在、磁盘是否可写、运行账号是否有读写权限",
        OpenTrouble::Other => "请检查 PUJIANG_DATABASE_URL 和数据库是否可达",
    }
}

fn advice(error: &StoreError) -> String {
    match error {
        StoreError::Store { source, .. } if source.open_trouble() != OpenTrouble::Other => {
            format!("：{}", remedy(source))
        }
        _ => String::new(),
    }
}

impl From<DeskError> for OpenError {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Mistakes(errors) => Self::Definitions(errors),
            DeskError::Store(source) => Self::Migrate(source),
            error => Self::Desk(error),
        }
    }
}
