//! Puts the files of a scope into `OUT/<report>/<period>/`, where other systems or a file share pick them up.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use pujiang_security::Principal;

use super::{Channel, Dispatch};
use crate::definition::ChannelKind;
use crate::error::ReportError;
use crate::ledger::Ledger;

pub struct FolderChannel {
    ledger: Ledger,
    out_root: PathBuf,
}

impl FolderChannel {
    pub fn new(ledger: Ledger, out_root: PathBuf) -> Self {
        Self { ledger, out_root }
    }
}

#[async_trait]
impl Channel for FolderChannel {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Folder
    }

    /// All recipients of one access share its files, so the access is the recipient.
    fn recipient(&self, _principal: &Principal, access: &str) -> String {
        format!("scope:{access}")
    }

    async fn send(&self, dispatch: &Dispatch<'_>) -> Result<bool, ReportError> {
        let folder = self.out_root.join(&dispatch.report.id).join(dispatch.period.to_string());
        let failed = |operation, path: &Path| {
            let path = path.display().to_string();
            move |source| ReportError::File { operation, path, source }
        };
        tokio::fs::create_dir_all(&folder).await.map_err(failed("making folder", &folder))?;
        for file in dispatch.files {
            let (from, to) = (dispatch.source.join(&file.name), folder.join(&file.name));
            // A reader sees the old file or the new one, never half of one.
            let part = folder.join(format!(".{}.{}.part", file.name, dispatch.run_id));
            // Left by a failed attempt it would be a link to the source, and copying onto it would empty both.
            let _ = tokio::fs::remove_file(&part).await;
            if tokio::fs::hard_link(&from, &part).await.is_err() {
                tokio::fs::copy(&from, &part).await.map_err(failed("copying", &from))?;
            }
            tokio::fs::rename(&part, &to).await.map_err(failed("placing", &to))?;
            // Renaming a link onto another link of the same file leaves both; the part must not stay.
            let _ = tokio::fs::remove_file(&part).await;
        }
        self.ledger.mark_sent(&dispatch.key, dispatch.run_id, dispatch.now).await
    }
}
