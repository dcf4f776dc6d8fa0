//! Looks at every live data file: whether it is there, as long as the log says, and holds what was written. New files carry
//! a checksum of their bytes in their name; of older ones every row is read.

use std::path::Path;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::delta::{DataFile, LakeTable, parquet_file};
use crate::error::WarehouseError;
use crate::lake::Lake;

/// A file that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFault {
    /// Table id.
    pub table: String,
    /// Path below the table's folder.
    pub path: String,
    /// What is wrong, for people.
    pub what: String,
}

impl Lake {
    /// The faults of all live files; how many were looked at.
    pub fn verify(&self) -> BoxFuture<'_, Result<(usize, Vec<FileFault>), WarehouseError>> {
        async move {
            let (mut looked, mut faults) = (0, Vec::new());
            for table in self.tables() {
                let folder = self.root().join(&table.def().id);
                for file in &table.refresh().await?.files {
                    looked += 1;
                    if let Some(what) = fault(table, &folder, file).await? {
                        faults.push(FileFault {
                            table: table.def().id.clone(),
                            path: file.path.clone(),
                            what,
                        });
                    }
                }
            }
            Ok((looked, faults))
        }
        .boxed()
    }
}

async fn fault(
    table: &Arc<LakeTable>,
    folder: &Path,
    file: &Arc<DataFile>,
) -> Result<Option<String>, WarehouseError> {
    let (path, expected) = (folder.join(&file.path), file.size);
    let sum = parquet_file::checksum_of_name(&file.path);
    let looked = tokio::task::spawn_blocking(move || {
        let size = match std::fs::metadata(&path) {
            Ok(there) => there.len(),
            Err(_) => return Some("文件不见了".to_owned()),
        };
        if size != expected {
            return Some(format!("应有 {expected} 字节，只有 {size} 字节（被截断或改写）"));
        }
        let sum = sum?;
        match std::fs::read(&path) {
            Ok(bytes) if parquet_file::checksum(&bytes) == sum => None,
            Ok(_) => Some("校验和不符（内容被改写）".to_owned()),
            Err(error) => Some(format!("读不出来：{error}")),
        }
    })
    .await
    .map_err(|_| WarehouseError::Task("looking at a data file"))?;
    if looked.is_some() || sum.is_some() {
        return Ok(looked);
    }
    Ok(match parquet_file::read(table.store(), file, &[]).await {
        Ok(rows) if rows.num_rows() == file.rows => None,
        Ok(rows) => Some(format!("应有 {} 行，只有 {} 行", file.rows, rows.num_rows())),
        Err(error) => Some(format!("读不出来：{}", cause(&error))),
    })
}

fn cause(error: &WarehouseError) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}
