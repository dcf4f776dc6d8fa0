//! Sends the files of a scope to its recipients: the ledger row first, then up to three attempts, each recorded.

use std::path::Path;

use super::ReportEngine;
use super::recipients::ScopeGroup;
use crate::channel::Dispatch;
use crate::data::ScopeFacts;
use crate::definition::ReportDefinition;
use crate::error::ReportError;
use crate::ledger::{DeliveryKey, DeliveryState, RunFile, RunRecord, stamp};
use crate::period::Period;

/// Attempts at rendering a scope and at each delivery.
pub const ATTEMPTS: u32 = 3;

/// A delivery to make: what it is, by which channel, to which member of the group.
pub struct Planned {
    key: DeliveryKey,
    channel: usize,
    member: usize,
}

/// What became of the deliveries of a scope.
#[derive(Debug, Default, Clone, Copy)]
pub struct Delivered {
    /// Sent now.
    pub sent: usize,
    /// Sent before, by this or another run.
    pub skipped: usize,
    /// Given up.
    pub failed: usize,
}

/// The files of one scope, ready to be sent.
pub struct Parcel<'a> {
    pub report: &'a ReportDefinition,
    pub run: &'a RunRecord,
    pub period: Period,
    pub scope: &'a ScopeFacts,
    pub files: &'a [RunFile],
    pub folder: &'a Path,
}

impl ReportEngine {
    /// Writes the ledger rows of a scope's deliveries and hands back those not made yet.
    pub(super) async fn plan(
        &self,
        report: &ReportDefinition,
        run: &RunRecord,
        group: &ScopeGroup,
    ) -> Result<(Vec<Planned>, usize), ReportError> {
        let (mut planned, mut skipped) = (vec![], 0);
        for (channel, sender) in
            self.channels.iter().enumerate().filter(|(_, c)| report.channels.contains(&c.kind()))
        {
            let mut seen: Vec<String> = vec![];
            for (member, principal) in group.members.iter().enumerate() {
                let recipient = sender.recipient(principal, &group.fingerprint);
                if seen.contains(&recipient) {
                    continue;
                }
                seen.push(recipient.clone());
                let key = DeliveryKey {
                    report: report.id.clone(),
                    due_at: run.due_at.clone(),
                    recipient,
                    channel: sender.kind(),
                };
                match self.ledger.announce(&key, &run.run_id, &stamp(self.clock.now())).await?.state {
                    DeliveryState::Sent => skipped += 1,
                    DeliveryState::Pending | DeliveryState::Failed => {
                        planned.push(Planned { key, channel, member })
                    }
                }
            }
        }
        Ok((planned, skipped))
    }

    /// Makes the planned deliveries. A failure of one does not keep the others from being made.
    pub(super) async fn deliver(
        &self,
        parcel: &Parcel<'_>,
        group: &ScopeGroup,
        planned: Vec<Planned>,
    ) -> Result<(Delivered, Vec<String>), ReportError> {
        let (mut result, mut reasons) = (Delivered::default(), vec![]);
        for Planned { key, channel, member } in planned {
            let (Some(channel), Some(recipient)) = (self.channels.get(channel), group.members.get(member))
            else {
                continue;
            };
            for attempt in 1..=ATTEMPTS {
                let now = stamp(self.clock.now());
                let dispatch = Dispatch {
                    key: key.clone(),
                    report: parcel.report,
                    period: parcel.period,
                    run_id: &parcel.run.run_id,
                    scope: parcel.scope,
                    recipient,
                    files: parcel.files,
                    source: parcel.folder,
                    now: &now,
                };
                match channel.send(&dispatch).await {
                    Ok(true) => result.sent += 1,
                    Ok(false) => result.skipped += 1,
                    Err(error) => {
                        let reason = error.chain();
                        let state =
                            if attempt == ATTEMPTS { DeliveryState::Failed } else { DeliveryState::Pending };
                        self.ledger.mark_failed(&key, &reason, state).await?;
                        if attempt < ATTEMPTS {
                            self.pause(attempt).await;
                            continue;
                        }
                        tracing::error!(
                            report.id = key.report,
                            channel = key.channel.as_str(),
                            reason,
                            "report delivery failed"
                        );
                        reasons.push(format!("{}：{reason}", key.recipient));
                        result.failed += 1;
                    }
                }
                break;
            }
        }
        Ok((result, reasons))
    }

    /// Records that a scope could not be rendered, on every delivery that waits for it.
    pub(super) async fn give_up(&self, planned: &[Planned], reason: &str) -> Result<(), ReportError> {
        for Planned { key, .. } in planned {
            self.ledger.mark_failed(key, reason, DeliveryState::Failed).await?;
        }
        Ok(())
    }

    /// Waits before the next attempt, twice as long each time.
    pub(super) async fn pause(&self, attempt: u32) {
        tokio::time::sleep(self.retry_pause * 2u32.pow(attempt.saturating_sub(1))).await;
    }
}
