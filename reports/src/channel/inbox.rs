//! Puts a message with links into the recipient's inbox in the portal. The files stay where they are; the download
//! checks the scope of whoever follows the link.

use std::fmt::Write;

use async_trait::async_trait;
use pujiang_security::Principal;
use uuid::Uuid;

use super::{Channel, Dispatch};
use crate::definition::ChannelKind;
use crate::error::ReportError;
use crate::ledger::{InboxLink, InboxMessage, Ledger};

pub struct InboxChannel {
    ledger: Ledger,
}

impl InboxChannel {
    pub fn new(ledger: Ledger) -> Self {
        Self { ledger }
    }
}

#[async_trait]
impl Channel for InboxChannel {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Inbox
    }

    fn recipient(&self, principal: &Principal, _access: &str) -> String {
        principal.account().to_owned()
    }

    async fn send(&self, dispatch: &Dispatch<'_>) -> Result<bool, ReportError> {
        let (report, label) = (dispatch.report, dispatch.period.label());
        let link = |name: &str| InboxLink {
            title: name.to_owned(),
            href: format!(
                "/api/v1/reports/{}/runs/{}/files/{}",
                report.id,
                dispatch.run_id,
                percent_encoded(name)
            ),
        };
        let message = InboxMessage {
            id: Uuid::now_v7().to_string(),
            title: format!("{}（{label}，{}）", report.title, dispatch.scope.short),
            body: format!(
                "{label}的{}已生成，数据范围：{}。请下载附件查看。",
                report.title, dispatch.scope.label
            ),
            created_at: dispatch.now.to_owned(),
            read_at: None,
            links: dispatch.files.iter().map(|file| link(&file.name)).collect(),
        };
        self.ledger
            .put_into_inbox(&dispatch.key, dispatch.run_id, dispatch.recipient.account(), &message)
            .await
    }
}

/// A name as one segment of a path (RFC 3986: everything but unreserved characters).
fn percent_encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len() * 3);
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_one_path_segment() {
        assert_eq!(percent_encoded("月_2026-10 a/b?.pdf"), "%E6%9C%88_2026-10%20a%2Fb%3F.pdf");
    }
}
