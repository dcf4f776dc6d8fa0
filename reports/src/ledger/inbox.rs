//! The inbox of an account: messages with links to the files of its own scope.

use serde::{Deserialize, Serialize};
use sqlx::Row;

use super::deliveries::mark_sent;
use super::{DeliveryKey, Ledger, during};
use crate::error::ReportError;

/// A message as the portal shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxMessage {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Text.
    pub body: String,
    /// When it came.
    pub created_at: String,
    /// When it was read.
    pub read_at: Option<String>,
    /// Files.
    pub links: Vec<InboxLink>,
}

/// A link to a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxLink {
    /// File name.
    pub title: String,
    /// Path on this server.
    pub href: String,
}

impl Ledger {
    /// Puts a message into an inbox and records the delivery in the same transaction, so that a crash leaves either
    /// both or neither. `false` when the delivery was made already.
    pub async fn put_into_inbox(
        &self,
        key: &DeliveryKey,
        run_id: &str,
        account: &str,
        message: &InboxMessage,
    ) -> Result<bool, ReportError> {
        let mut transaction = self.pool.begin().await.map_err(during("beginning an inbox delivery"))?;
        // The row lock of this update keeps a second sender waiting until the message is there.
        if !mark_sent(&mut *transaction, key, run_id, &message.created_at).await? {
            return Ok(false);
        }
        let links = serde_json::to_string(&message.links).unwrap_or_else(|_| "[]".to_owned());
        sqlx::query("INSERT INTO inbox_message (id, account, report, run_id, title, body, links, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
            .bind(message.id.as_str())
            .bind(account)
            .bind(key.report.as_str())
            .bind(run_id)
            .bind(message.title.as_str())
            .bind(message.body.as_str())
            .bind(links)
            .bind(message.created_at.as_str())
            .execute(&mut *transaction)
            .await
            .map_err(during("writing an inbox message"))?;
        transaction.commit().await.map_err(during("committing an inbox delivery"))?;
        Ok(true)
    }

    /// Messages of an account, newest first.
    pub async fn inbox(&self, account: &str, limit: i64) -> Result<Vec<InboxMessage>, ReportError> {
        let rows = sqlx::query("SELECT id, title, body, links, created_at, read_at FROM inbox_message WHERE account = $1 ORDER BY id DESC LIMIT $2")
            .bind(account)
            .bind(limit)
            .fetch_all(&self.pool)
            .await
            .map_err(during("listing an inbox"))?;
        let read = |row: &sqlx::any::AnyRow| {
            Ok(InboxMessage {
                id: row.try_get("id")?,
                title: row.try_get("title")?,
                body: row.try_get("body")?,
                created_at: row.try_get("created_at")?,
                read_at: row.try_get("read_at")?,
                links: serde_json::from_str(&row.try_get::<String, _>("links")?).unwrap_or_default(),
            })
        };
        rows.iter().map(read).collect::<Result<_, sqlx::Error>>().map_err(during("reading an inbox"))
    }

    /// How many messages of an account are unread.
    pub async fn unread(&self, account: &str) -> Result<i64, ReportError> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS unread FROM inbox_message WHERE account = $1 AND read_at IS NULL",
        )
        .bind(account)
        .fetch_one(&self.pool)
        .await
        .map_err(during("counting an inbox"))?;
        row.try_get("unread").map_err(during("counting an inbox"))
    }

    /// Marks a message of this account as read. `false` when the account has no such message.
    pub async fn mark_read(&self, account: &str, id: &str, now: &str) -> Result<bool, ReportError> {
        let done = sqlx::query(
            "UPDATE inbox_message SET read_at = COALESCE(read_at, $3) WHERE id = $1 AND account = $2",
        )
        .bind(id)
        .bind(account)
        .bind(now)
        .execute(&self.pool)
        .await
        .map_err(during("marking a message as read"))?;
        Ok(done.rows_affected() == 1)
    }
}
