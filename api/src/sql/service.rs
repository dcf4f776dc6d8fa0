//! The one way to ask SQL: permission, turn, session, limits, audit. HTTP and the command line take whole answers
//! (`ask`), the PostgreSQL wire takes them batch by batch (`open`).

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures::FutureExt;
use futures::future::BoxFuture;
use pujiang_security::{Permission, Principal};
use pujiang_transactional::audit::AuditWriter;
use pujiang_warehouse::{Answer, AnswerLimit, Door};

use super::answering::{Answering, Begun};
use super::asking::Asking;
use super::governor::{Governor, Standing};
use super::question::{LONGEST, TIME_LIMIT};
use super::record::Record;
use super::{Ending, Figures, Inquiry, Question, Refusal, Unread, UnreadBounds};
use crate::problem::chain;

/// Answers SQL. Cheap to clone.
#[derive(Clone)]
pub struct SqlService {
    door: Door,
    inner: Arc<Inner>,
}

/// What the process has once.
struct Inner {
    audit: AuditWriter,
    governor: Governor,
    figures: Figures,
    unread: Unread,
}

impl SqlService {
    /// Over the door of a lake and the audit log of a store; unread answers hold no more than the bounds say.
    pub fn new(door: Door, audit: AuditWriter, unread: UnreadBounds) -> Self {
        let (governor, figures, unread) = (Governor::new(), Figures::default(), Unread::new(unread));
        Self { door, inner: Arc::new(Inner { audit, governor, figures, unread }) }
    }

    /// The same service through another door: one queue, one budget, one set of counters for both.
    #[must_use]
    pub fn through(&self, door: Door) -> Self {
        Self { door, inner: self.inner.clone() }
    }

    /// Counters.
    pub fn figures(&self) -> &Figures {
        &self.inner.figures
    }

    /// Questions that wait for a turn.
    pub fn waiting(&self) -> usize {
        self.inner.governor.waiting()
    }

    /// The door this service asks through.
    pub fn door(&self) -> &Door {
        &self.door
    }

    /// The budget of answers that are not read yet.
    pub fn unread(&self) -> &Unread {
        &self.inner.unread
    }

    pub(super) fn governor(&self) -> &Governor {
        &self.inner.governor
    }

    /// Answers one statement whole, up to a limit. The entry is in the audit log when this returns.
    pub fn ask<'a>(
        &'a self,
        principal: &'a Principal,
        question: Question<'a>,
        limit: AnswerLimit,
    ) -> BoxFuture<'a, Result<Answer, Refusal>> {
        async move {
            let record = Record::begin(principal, question.channel, question.origin, question.text);
            let mut asking = Asking::new(self.clone(), record);
            let answer = self.answer(principal, question.text, limit, &mut asking.record).await;
            let ending = match &answer {
                Ok(answer) => {
                    let record = &mut asking.record;
                    record.rows = answer.batches.iter().map(|batch| batch.num_rows() as u64).sum();
                    record.tables.clone_from(&answer.tables);
                    record.data_version.clone_from(&answer.data_version);
                    Ending::Done
                }
                Err(refusal) => refusal.ending(),
            };
            let noted = asking.end(ending).await;
            let answer = answer?;
            noted.map(|()| answer)
        }
        .boxed()
    }

    async fn answer(
        &self,
        principal: &Principal,
        text: &str,
        limit: AnswerLimit,
        record: &mut Record,
    ) -> Result<Answer, Refusal> {
        admit(principal, text)?;
        let turn =
            self.governor().turn(principal.account(), Standing::New).await.map_err(|_| Refusal::Busy)?;
        let work = async {
            let session = self.door().session(principal).await?;
            record.access = session.fingerprint().to_string();
            session.sql_up_to(text, limit).await
        };
        let answer = tokio::time::timeout(TIME_LIMIT, AssertUnwindSafe(work).catch_unwind()).await;
        drop(turn);
        let answer = answer.map_err(|_| Refusal::TimedOut { seconds: TIME_LIMIT.as_secs() })?;
        answer.map_err(|_| Refusal::Panicked)?.map_err(Refusal::from)
    }

    /// Begins to answer a parsed statement. The session and the plan are made here and now, from the grants and the
    /// snapshots of this moment.
    pub fn open<'a>(
        &'a self,
        principal: &'a Principal,
        inquiry: Inquiry,
    ) -> BoxFuture<'a, Result<Answering, Refusal>> {
        async move {
            let mut record =
                Record::begin(principal, inquiry.channel, inquiry.origin.as_deref(), &inquiry.text);
            match self.begin(principal, inquiry, &mut record).await {
                Ok(begun) => Ok(Answering::new(self.clone(), record, begun)),
                Err(refusal) => {
                    // The refusal is what to tell; a log that fails on top of it has written its own line.
                    let _ = self.note(&record, refusal.ending()).await;
                    Err(refusal)
                }
            }
        }
        .boxed()
    }

    async fn begin(
        &self,
        principal: &Principal,
        inquiry: Inquiry,
        record: &mut Record,
    ) -> Result<Begun, Refusal> {
        admit(principal, &inquiry.text)?;
        let Inquiry { statement, parameters, settings, patience, interrupt, open, .. } = inquiry;
        let patience = patience.min(TIME_LIMIT);
        let wait = self.governor().turn(principal.account(), Standing::New);
        let turn = tokio::select! {
            () = interrupt.wished() => return Err(Refusal::Cancelled),
            turn = wait => turn.map_err(|_| Refusal::Busy)?,
        };
        let begun = Instant::now();
        let work = async {
            let session = self.door().session(principal).await?;
            record.access = session.fingerprint().to_string();
            let session = session.with_settings(settings)?;
            let prepared = session.prepare(statement).await?;
            record.tables = prepared.tables().to_vec();
            session.stream(prepared, parameters).await
        };
        let stream = tokio::select! {
            () = interrupt.wished() => return Err(Refusal::Cancelled),
            stream = tokio::time::timeout(patience, AssertUnwindSafe(work).catch_unwind()) => stream,
        };
        let stream = stream.map_err(|_| Refusal::TimedOut { seconds: patience.as_secs() })?;
        let stream = stream.map_err(|_| Refusal::Panicked)??;
        record.tables.clone_from(&stream.tables);
        record.data_version.clone_from(&stream.data_version);
        Ok(Begun { stream, turn, patience, left: patience.saturating_sub(begun.elapsed()), interrupt, open })
    }

    /// Notes a question that was refused before it could be asked, such as a text that does not parse.
    pub async fn refuse(&self, principal: &Principal, question: Question<'_>, refusal: Refusal) -> Refusal {
        let record = Record::begin(principal, question.channel, question.origin, question.text);
        // The refusal is what to tell; a log that fails on top of it has written its own line.
        let _ = self.note(&record, refusal.ending()).await;
        refusal
    }

    /// Writes the audit entry and counts.
    pub(super) async fn note(&self, record: &Record, ending: Ending) -> Result<(), Refusal> {
        self.inner.figures.ended(record.channel(), ending);
        record.log(ending);
        let written = self.inner.audit.record(record.entry(ending)).await;
        written.map_err(|error| {
            tracing::error!(error = %chain(&error), "query is not in the audit log");
            Refusal::Audit(error)
        })
    }
}

/// Whether the account may ask at all, and the text is one somebody may have typed.
fn admit(principal: &Principal, text: &str) -> Result<(), Refusal> {
    if !principal.can(Permission::SqlQuery) {
        return Err(Refusal::Forbidden);
    }
    if text.trim().is_empty() || text.len() > LONGEST {
        return Err(Refusal::Length);
    }
    Ok(())
}
