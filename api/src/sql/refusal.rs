//! Why a question gets no answer, apart from any transport: `problem.rs` says it to HTTP, `postgres::failure` to the wire.

use datafusion::error::DataFusionError;
use pujiang_transactional::Error as StoreError;
use pujiang_warehouse::{ErrorKind, WarehouseError};

use super::Ending;
use super::question::LONGEST;

/// A question without an answer.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The account may not ask SQL.
    #[error("当前账号没有 SQL 查询权限，如工作需要请联系安全管理员授权。")]
    Forbidden,
    /// No text, or too much of it.
    #[error("请写一条查询语句，不超过 {} KiB。", LONGEST / 1024)]
    Length,
    /// Too many questions of this account are waiting.
    #[error("您有太多查询正在排队，请等前面的查询结束后再试。")]
    Busy,
    /// It worked too long.
    #[error("查询用时超出 {seconds} 秒的限制，请缩小时间范围或先汇总。")]
    TimedOut {
        /// The limit.
        seconds: u64,
    },
    /// Whoever asked took it back.
    #[error("查询已取消。")]
    Cancelled,
    /// The answer would fill the memory.
    #[error("查询用时或用量超出限制，请缩小时间范围或先汇总。")]
    TooLarge,
    /// The account holds too much that it has not read.
    #[error("您已取出而未读完的查询结果太多，请先读完或关闭不用的游标、连接和下载，再试一次。")]
    Unread,
    /// All accounts together hold too much that they have not read.
    #[error("服务中未读完的查询结果太多，请稍后再试，或缩小查询范围。")]
    UnreadByAll,
    /// The engine panicked over it. The statement fails, the connection and the audit entry do not.
    #[error("查询引擎处理这条语句时出错，请换一种写法；如仍失败，请告诉管理员。")]
    Panicked,
    /// The engine cannot run what the text says, though it is a read.
    #[error("这条语句的写法暂不支持，请换一种写法。")]
    Unsupported(#[source] WarehouseError),
    /// The lake refused it.
    #[error(transparent)]
    Lake(WarehouseError),
    /// It could not be entered in the audit log, so it is not given.
    #[error("cannot enter a query in the audit log")]
    Audit(#[source] StoreError),
}

impl Refusal {
    /// How the question ended.
    pub fn ending(&self) -> Ending {
        match self {
            Self::Forbidden | Self::Length => Ending::Refused,
            Self::Lake(error) if error.kind() == ErrorKind::Forbidden => Ending::Refused,
            Self::Busy | Self::Unread | Self::UnreadByAll => Ending::Busy,
            Self::TimedOut { .. } => Ending::TimedOut,
            Self::Cancelled => Ending::Cancelled,
            Self::TooLarge | Self::Panicked | Self::Unsupported(_) | Self::Lake(_) | Self::Audit(_) => {
                Ending::Failed
            }
        }
    }
}

impl From<WarehouseError> for Refusal {
    /// What the caller's text caused is the caller's to change, even where the engine calls it a limit or a gap of its own.
    fn from(error: WarehouseError) -> Self {
        match error {
            WarehouseError::Limit(_) => Self::TooLarge,
            WarehouseError::Query(ref cause) if !is_ours(cause) => Self::Unsupported(error),
            other => Self::Lake(other),
        }
    }
}

/// A disk, a store or a file of ours, as opposed to what the statement made the engine do.
fn is_ours(cause: &DataFusionError) -> bool {
    match cause.find_root() {
        DataFusionError::IoError(_) | DataFusionError::ObjectStore(_) | DataFusionError::ParquetError(_) => {
            true
        }
        DataFusionError::External(inner) => inner.is::<WarehouseError>() || inner.is::<std::io::Error>(),
        _ => false,
    }
}
