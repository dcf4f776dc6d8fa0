//! The last days' transactions as clerks enter them: create in the resource engine, outbox, feed, lake. They prove the
//! way in on every preparation, and give the portal records to show.

use anyhow::Context;
use serde_json::{Map, Value, json};

use super::fill::RecentTransaction;
use super::places::DISTRICTS;
use super::progress::Progress;
use super::records::rfc3339;
use super::season::{CATEGORIES, MODES};
use crate::app::App;

const RESOURCE: &str = "benefit_transaction";
const FEED: &str = "outbox";

/// Enters them all, each by the clerk of its district; then takes the outbox into the lake.
pub async fn enter(
    app: &App,
    transactions: &[RecentTransaction],
    progress: &Progress,
) -> anyhow::Result<u64> {
    let mut clerks = Vec::with_capacity(DISTRICTS.len());
    for district in &DISTRICTS {
        let account = format!("d{}", district.code);
        let clerk = app.principal_of(&account).await.map_err(|error| anyhow::anyhow!("{error}"))?;
        clerks.push(clerk.with_context(|| format!("account {account} is missing"))?);
    }
    let mut step = progress.step("窗口录入", transactions.len() as u64);
    for one in transactions {
        let clerk = &clerks[one.transaction.district];
        app.records
            .create(clerk, RESOURCE, &body(one))
            .await
            .map_err(|error| anyhow::anyhow!("entering {}: {error:?}", one.transaction.number()))?;
        step.advance(1);
    }
    app.feeds.run(Some(FEED)).await.context("taking the outbox into the lake")?;
    step.finish();
    Ok(transactions.len() as u64)
}

/// The body of the request a form would send.
fn body(one: &RecentTransaction) -> Map<String, Value> {
    let transaction = &one.transaction;
    let values = [
        ("txn_no", json!(transaction.number())),
        ("merchant_id", json!(one.merchant_id)),
        ("card_no", json!(one.card_number)),
        ("category", json!(CATEGORIES[transaction.category].name)),
        ("mode", json!(MODES[transaction.mode])),
        ("original_amount", json!(yuan(transaction.original))),
        ("discount", json!(yuan(transaction.discount))),
        ("amount", json!(yuan(transaction.amount()))),
        ("pay_time", json!(rfc3339(transaction.pay_time))),
    ];
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}
