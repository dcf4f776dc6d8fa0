//! Does what a session command says. Transactions are told, not made: every statement reads one moment of the lake, and
//! nothing is written that could be taken back.

use std::sync::Arc;

use futures::stream;
use pgwire::api::Type;
use pgwire::api::portal::Format;
use pgwire::api::results::{DataRowEncoder, FieldInfo, QueryResponse};
use pgwire::messages::response::TransactionStatus;

use super::backend::Backend;
use super::command::{Command, Hold};
use super::cursor::Cursor;
use super::encode::Shape;
use super::failure::Failure;

/// Setting that says in words what an answer is cut to.
const SCOPE: &str = "pujiang.scope";

/// What became of a command.
pub struct Performed {
    /// What to answer.
    pub reply: Reply,
    /// State of the transaction from now on.
    pub status: TransactionStatus,
    /// Settings the client is to be told.
    pub told: Vec<(String, String)>,
    /// What the protocol library is to forget.
    pub forget: Forget,
}

/// An answer.
pub enum Reply {
    /// A tag.
    Tag(String),
    /// Rows.
    Rows(QueryResponse),
}

/// Things the protocol library keeps by name.
#[derive(Debug, PartialEq, Eq)]
pub enum Forget {
    /// Nothing.
    Nothing,
    /// A portal.
    Portals,
    /// A prepared statement.
    Statement(String),
    /// All prepared statements.
    Statements,
    /// All of both.
    Everything,
}

impl Performed {
    fn tag(tag: &str, status: TransactionStatus) -> Self {
        Self { reply: Reply::Tag(tag.to_owned()), status, told: Vec::new(), forget: Forget::Nothing }
    }

    fn forgetting(self, forget: Forget) -> Self {
        Self { forget, ..self }
    }
}

/// Refuses what an aborted transaction no longer listens to.
pub fn listens(status: TransactionStatus, command: Option<&Command>) -> Result<(), Failure> {
    let ends = command.is_some_and(Command::ends_transaction);
    if matches!(status, TransactionStatus::Error) && !ends {
        let text = "事务已经失败，请先执行 ROLLBACK。";
        return Err(Failure::error("25P02", text));
    }
    Ok(())
}

impl Backend {
    /// Does what a command says; DECLARE is not among them, it needs a query (`declare`).
    pub async fn perform(
        &self,
        command: &Command,
        status: TransactionStatus,
        format: &Format,
    ) -> Result<Performed, Failure> {
        listens(status, Some(command))?;
        let link = &self.link;
        let performed = match command {
            Command::Begin => Performed::tag("BEGIN", status.to_in_transaction_state()),
            Command::Commit | Command::Rollback => {
                let told = link.end_transaction();
                let failed = matches!(status, TransactionStatus::Error) || *command == Command::Rollback;
                let tag = if failed { "ROLLBACK" } else { "COMMIT" };
                Performed { told, ..Performed::tag(tag, TransactionStatus::Idle) }.forgetting(Forget::Portals)
            }
            Command::RollbackTo => match status {
                TransactionStatus::Idle => return Err(Failure::error("25P01", "现在没有事务。")),
                _ => Performed::tag("ROLLBACK", TransactionStatus::Transaction),
            },
            Command::Nothing(tag) => Performed::tag(tag, status),
            Command::Set { name, value } => {
                let told = match value {
                    Some(value) => link.settings().set(name, value)?,
                    None => link.settings().reset(name),
                };
                let tag = if value.is_some() { "SET" } else { "RESET" };
                Performed { told: told.into_iter().collect(), ..Performed::tag(tag, status) }
            }
            // Outside of a transaction it would end at once.
            Command::SetLocal { .. } if matches!(status, TransactionStatus::Idle) => {
                return Err(Failure::error(
                    "25P01",
                    "SET LOCAL 只在事务中有效，请先执行 BEGIN，或去掉 LOCAL。",
                ));
            }
            Command::SetLocal { name, value } => {
                let told = link.settings().set_local(name, value)?;
                Performed { told: told.into_iter().collect(), ..Performed::tag("SET", status) }
            }
            Command::ResetAll => {
                Performed { told: link.settings().reset_all(), ..Performed::tag("RESET", status) }
            }
            Command::DiscardAll => {
                link.close_cursor(None)?;
                let told = link.settings().reset_all();
                Performed { told, ..Performed::tag("DISCARD ALL", status) }.forgetting(Forget::Everything)
            }
            Command::Deallocate(Some(name)) => {
                Performed::tag("DEALLOCATE", status).forgetting(Forget::Statement(name.clone()))
            }
            Command::Deallocate(None) => {
                Performed::tag("DEALLOCATE ALL", status).forgetting(Forget::Statements)
            }
            Command::Close(name) => {
                link.close_cursor(name.as_deref())?;
                Performed::tag(if name.is_some() { "CLOSE CURSOR" } else { "CLOSE CURSOR ALL" }, status)
            }
            Command::Show(name) => {
                let (shown, value) = self.setting(name).await?;
                rows("SHOW", &[&shown], vec![vec![value]], format, status)?
            }
            Command::ShowAll => {
                let all = link.settings().all();
                let all = all.into_iter().map(|(name, value)| vec![name, value, String::new()]).collect();
                rows("SHOW", &["name", "setting", "description"], all, format, status)?
            }
            Command::Fetch { name, rows } => {
                let cursor = link.cursor(name)?;
                let shape = Shape::of(cursor.schema(), format, &link.settings().formats())?;
                let response = cursor.fetch(*rows, shape).await;
                Performed { reply: Reply::Rows(response), ..Performed::tag("FETCH", status) }
            }
            Command::Move { name, rows } => {
                let skipped = link.cursor(name)?.skip(*rows).await?;
                Performed::tag(&format!("MOVE {skipped}"), status)
            }
            Command::Declare { .. } => return Err(Failure::error("42601", "游标须有查询。")),
        };
        Ok(performed)
    }

    /// Opens a cursor over an answer that has begun.
    pub fn declare(
        &self,
        command: &Command,
        status: TransactionStatus,
        answering: crate::sql::Answering,
    ) -> Result<Performed, Failure> {
        let Command::Declare { name, hold, .. } = command else {
            return Err(Failure::error("42601", "不是 DECLARE。"));
        };
        self.link.open_cursor(name.clone(), Cursor::new(answering, *hold))?;
        Ok(Performed::tag("DECLARE CURSOR", status))
    }

    /// The columns a command answers with, if it answers with rows.
    pub fn columns(&self, command: &Command, format: &Format) -> Result<Arc<Vec<FieldInfo>>, Failure> {
        match command {
            Command::Show(name) if name.eq_ignore_ascii_case(SCOPE) => Ok(texts(&[SCOPE], format)),
            Command::Show(name) => {
                let known = self.link.settings().get(name);
                let (shown, _) = known.ok_or_else(|| unknown(name))?;
                Ok(texts(&[&shown], format))
            }
            Command::ShowAll => Ok(texts(&["name", "setting", "description"], format)),
            Command::Fetch { name, .. } => {
                let cursor = self.link.cursor(name)?;
                super::encode::described(cursor.schema(), format, &self.link.settings().formats())
            }
            _ => Ok(Arc::default()),
        }
    }

    async fn setting(&self, name: &str) -> Result<(String, String), Failure> {
        if name.eq_ignore_ascii_case(SCOPE) {
            return Ok((SCOPE.to_owned(), self.principal().await?.scope().label()));
        }
        self.link.settings().get(name).ok_or_else(|| unknown(name))
    }
}

/// A cursor that ends with its transaction needs one.
pub fn may_declare(command: &Command, status: TransactionStatus) -> Result<(), Failure> {
    match command {
        Command::Declare { hold: Hold::Transaction, .. } if matches!(status, TransactionStatus::Idle) => {
            Err(Failure::error("25P01", "DECLARE 须在事务中使用，请先执行 BEGIN，或写 WITH HOLD。"))
        }
        _ => Ok(()),
    }
}

fn unknown(name: &str) -> Failure {
    Failure::error("42704", format!("没有参数“{name}”。"))
}

fn texts(names: &[&str], format: &Format) -> Arc<Vec<FieldInfo>> {
    let field = |(at, name): (usize, &&str)| {
        // Text is the same in both formats; a client may ask for binary all the same.
        let format = match format {
            Format::Individual(codes) => codes.get(at).copied().unwrap_or_default().into(),
            other => other.clone(),
        };
        FieldInfo::new((*name).to_owned(), None, None, Type::TEXT, format.format_for(0))
    };
    Arc::new(names.iter().enumerate().map(field).collect())
}

fn rows(
    tag: &str,
    names: &[&str],
    rows: Vec<Vec<String>>,
    format: &Format,
    status: TransactionStatus,
) -> Result<Performed, Failure> {
    let fields = texts(names, format);
    let mut encoder = DataRowEncoder::new(fields.clone());
    let mut encoded = Vec::with_capacity(rows.len());
    for row in &rows {
        for value in row {
            encoder
                .encode_field(&value.as_str())
                .map_err(|error| Failure::internal("write a setting", &error))?;
        }
        encoded.push(Ok(encoder.take_row()));
    }
    let mut response = QueryResponse::new(fields, stream::iter(encoded));
    response.set_command_tag(tag);
    Ok(Performed { reply: Reply::Rows(response), ..Performed::tag(tag, status) })
}
