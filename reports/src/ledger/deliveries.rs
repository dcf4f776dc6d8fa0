//! Deliveries: one row per report, due time, recipient and channel, written before sending. The key is what makes a
//! rerun, a second process or a restart send nothing twice.

use sqlx::{Any, Executor, Row};

use super::{Ledger, during};
use crate::definition::ChannelKind;
use crate::error::ReportError;

/// What a delivery is known by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DeliveryKey {
    /// Report id.
    pub report: String,
    /// Due time.
    pub due_at: String,
    /// Account, or `scope:…` where a channel serves a whole scope.
    pub recipient: String,
    /// Channel.
    pub channel: ChannelKind,
}

/// How far a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// Not sent yet.
    Pending,
    /// Sent; never again.
    Sent,
    /// Given up after the last attempt; a later run of the same due time tries anew.
    Failed,
}

/// A delivery as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// How far it is.
    pub state: DeliveryState,
    /// Attempts so far.
    pub attempts: i64,
    /// Why the last attempt failed.
    pub reason: Option<String>,
}

const WHERE: &str = "WHERE report = $1 AND due_at = $2 AND recipient = $3 AND channel = $4";

impl Ledger {
    /// Writes the row of a delivery unless it is there, and hands back what is there.
    pub async fn announce(
        &self,
        key: &DeliveryKey,
        run_id: &str,
        now: &str,
    ) -> Result<Delivery, ReportError> {
        sqlx::query(
            "INSERT INTO report_delivery (report, due_at, recipient, channel, run_id, state, attempts, created_at)
             VALUES ($1, $2, $3, $4, $5, 'pending', 0, $6) ON CONFLICT (report, due_at, recipient, channel) DO NOTHING",
        )
        .bind(key.report.as_str())
        .bind(key.due_at.as_str())
        .bind(key.recipient.as_str())
        .bind(key.channel.as_str())
        .bind(run_id)
        .bind(now)
        .execute(&self.pool)
        .await
        .map_err(during("announcing a delivery"))?;
        let found = self.delivery(key).await?;
        found.ok_or_else(|| during("announcing a delivery")(sqlx::Error::RowNotFound))
    }

    /// A delivery as stored.
    pub async fn delivery(&self, key: &DeliveryKey) -> Result<Option<Delivery>, ReportError> {
        let text =
            sqlx::AssertSqlSafe(format!("SELECT state, attempts, reason FROM report_delivery {WHERE}"));
        let row = bound(sqlx::query(text), key)
            .fetch_optional(&self.pool)
            .await
            .map_err(during("finding a delivery"))?;
        let read = |row: sqlx::any::AnyRow| {
            let state = match row.try_get::<String, _>("state")?.as_str() {
                "sent" => DeliveryState::Sent,
                "failed" => DeliveryState::Failed,
                _ => DeliveryState::Pending,
            };
            Ok(Delivery { state, attempts: row.try_get("attempts")?, reason: row.try_get("reason")? })
        };
        row.map(read).transpose().map_err(during("reading a delivery"))
    }

    /// Records that a delivery was made. `false` when another run or process made it first.
    pub async fn mark_sent(&self, key: &DeliveryKey, run_id: &str, now: &str) -> Result<bool, ReportError> {
        mark_sent(&self.pool, key, run_id, now).await
    }

    /// Records a failed attempt; `last` gives up.
    pub async fn mark_failed(
        &self,
        key: &DeliveryKey,
        reason: &str,
        state: DeliveryState,
    ) -> Result<(), ReportError> {
        let state = match state {
            DeliveryState::Failed => "failed",
            DeliveryState::Pending | DeliveryState::Sent => "pending",
        };
        let text = sqlx::AssertSqlSafe(format!(
            "UPDATE report_delivery SET state = $5, attempts = attempts + 1, reason = $6 {WHERE} AND state <> 'sent'"
        ));
        bound(sqlx::query(text), key)
            .bind(state)
            .bind(reason)
            .execute(&self.pool)
            .await
            .map_err(during("recording a failed delivery"))?;
        Ok(())
    }

    /// Whether every delivery announced for a due time was made, and there is at least one.
    pub async fn all_sent(&self, report: &str, due_at: &str) -> Result<bool, ReportError> {
        let row = sqlx::query("SELECT COUNT(*) AS announced, COUNT(sent_at) AS sent FROM report_delivery WHERE report = $1 AND due_at = $2")
            .bind(report)
            .bind(due_at)
            .fetch_one(&self.pool)
            .await
            .map_err(during("counting deliveries"))?;
        let count = |name: &str| row.try_get::<i64, _>(name).map_err(during("counting deliveries"));
        let (announced, sent) = (count("announced")?, count("sent")?);
        Ok(announced > 0 && announced == sent)
    }
}

/// Marks a delivery as sent within a transaction of the channel; `false` when it was sent already.
pub(super) async fn mark_sent<'e>(
    store: impl Executor<'e, Database = Any>,
    key: &DeliveryKey,
    run_id: &str,
    now: &str,
) -> Result<bool, ReportError> {
    let text = sqlx::AssertSqlSafe(format!(
        "UPDATE report_delivery SET state = 'sent', attempts = attempts + 1, reason = NULL, run_id = $5, sent_at = $6 {WHERE} AND state <> 'sent'"
    ));
    let done = bound(sqlx::query(text), key)
        .bind(run_id)
        .bind(now)
        .execute(store)
        .await
        .map_err(during("recording a delivery"))?;
    Ok(done.rows_affected() == 1)
}

type Query<'q> = sqlx::query::Query<'q, Any, sqlx::any::AnyArguments>;

fn bound<'q>(query: Query<'q>, key: &'q DeliveryKey) -> Query<'q> {
    query
        .bind(key.report.as_str())
        .bind(key.due_at.as_str())
        .bind(key.recipient.as_str())
        .bind(key.channel.as_str())
}
