//! Why definitions are not applied.

use std::path::PathBuf;

use pujiang_definition::DefinitionError;
use pujiang_transactional::Error as StoreError;
use pujiang_warehouse::WarehouseError;

/// Definitions that are not applied; nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The files have mistakes.
    #[error("定义有 {} 处错误，没有启用：\n{}", .0.len(), lines(.0))]
    Mistakes(Vec<DefinitionError>),
    /// What is stored cannot be brought to them.
    #[error("这些变更无法执行，没有启用：\n{}", .0.join("\n"))]
    Impossible(Vec<String>),
    /// They are not those that were looked at.
    #[error("定义文件在查看之后又有改动，请重新查看变更计划后再启用")]
    Edited,
    /// There is no such set.
    #[error("没有第 {0} 套定义，请用 definitions history 查看有哪些")]
    NoSuchSet(i64),
    /// The operational store refused or failed.
    #[error("读写业务库中的定义失败")]
    Store(#[source] StoreError),
    /// Stored tables cannot be looked at.
    #[error("查看数据湖的表结构失败")]
    Lake(#[source] WarehouseError),
    /// The folder cannot be written.
    #[error("写入定义目录 {path} 失败")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Loading was cut off.
    #[error("{0}中断，请重试")]
    Stopped(&'static str),
}

/// One mistake a line.
pub fn lines(errors: &[DefinitionError]) -> String {
    errors.iter().map(DefinitionError::to_string).collect::<Vec<_>>().join("\n")
}
