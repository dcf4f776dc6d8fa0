//! What all connections share, and what one connection asks with: the principal of this moment, a parsed statement, an
//! answer that has begun.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arrow::datatypes::DataType;
use datafusion::common::ParamValues;
use datafusion::sql::sqlparser::ast::Statement;
use pgwire::api::{RandomPidSecretKeyGenerator, Type};
use pujiang_security::{Permission, Principal};
use pujiang_warehouse::{LONGEST_STATEMENT, parse};

use super::bind::wire_type;
use super::declared::Declared;
use super::failure::Failure;
use super::link::SharedLink;
use super::placeholder::{Placeholders, number};
use super::registry::Registry;
use super::statement::{KeptQuery, Parameter};
use super::tls::Identity;
use crate::app::{App, Current};
use crate::config::Reach;
use crate::sql::{Answering, Channel, Inquiry, Question, Refusal, TIME_LIMIT};

/// How long a statement may take to be planned when it is only prepared.
const PLANNING: Duration = Duration::from_secs(10);

/// What all connections share.
pub struct Wire {
    /// Everything else, as it is when it is asked for: each statement takes the definitions of its moment.
    pub current: Current,
    /// Who can reach the listening address.
    pub reach: Reach,
    /// Connections that may be interrupted.
    pub registry: Arc<Registry>,
    /// Certificate and key.
    pub identity: Identity,
    /// Numbers and secrets of connections.
    pub numbers: RandomPidSecretKeyGenerator,
    /// How long a connection may be silent.
    pub idle: Duration,
    /// The same while answers are not read to the end.
    pub idle_open: Duration,
}

impl Wire {
    /// The application of this moment.
    pub fn app(&self) -> Arc<App> {
        self.current.app()
    }
}

/// One connection's way to ask. Cheap to clone.
#[derive(Clone)]
pub struct Backend {
    pub(super) wire: Arc<Wire>,
    pub(super) link: SharedLink,
}

impl Backend {
    /// The account as it is now: a grant that was taken away works no more, not even in a connection that is open.
    pub async fn principal(&self) -> Result<Principal, Failure> {
        let over = || Failure::fatal("28000", "账号已停用或不存在，连接已结束。");
        let account = self.link.account_id().ok_or_else(over)?;
        self.wire.app().principal_of_account(account).await?.ok_or_else(over)
    }

    /// Refuses a message that is longer than any statement before anybody looks into it.
    pub async fn short_enough(&self, text: &str) -> Result<(), Failure> {
        if text.len() <= LONGEST_STATEMENT {
            return Ok(());
        }
        let principal = self.principal().await?;
        Err(self.refused(&principal, text, Refusal::Length).await)
    }

    /// The one statement of a text.
    pub async fn parsed(&self, principal: &Principal, text: &str) -> Result<Statement, Failure> {
        if !principal.can(Permission::SqlQuery) {
            return Err(self.refused(principal, text, Refusal::Forbidden).await);
        }
        match parse(text) {
            Ok(statements) => {
                let mut statements = statements.into_iter();
                match (statements.next(), statements.next()) {
                    (Some(statement), None) => Ok(statement),
                    _ => Err(one_query()),
                }
            }
            Err(error) => Err(self.refused(principal, text, Refusal::from(error)).await),
        }
    }

    /// Plans a statement to tell what it needs and gives. The plan itself is thrown away.
    pub async fn planned(
        &self,
        principal: &Principal,
        text: &str,
        said: &[Option<Type>],
    ) -> Result<KeptQuery, Failure> {
        // As many as the text names, also those the plan no longer needs: the client sends them all.
        let named = Placeholders::of(text);
        let statement = self.parsed(principal, text).await?;
        let declared = Declared::of(said, &named);
        let settings = self.link.settings().by_name();
        let planning = async {
            let session = self.wire.app().lake.door().session(principal).await?;
            session.with_settings(settings)?.prepare(declared.first(statement.clone())).await
        };
        let prepared = match tokio::time::timeout(PLANNING, planning).await {
            Ok(Ok(prepared)) => prepared,
            Ok(Err(error)) => return Err(self.refused(principal, text, Refusal::from(error)).await),
            Err(_) => {
                let refusal = Refusal::TimedOut { seconds: PLANNING.as_secs() };
                return Err(self.refused(principal, text, refusal).await);
            }
        };
        let engine: BTreeMap<usize, DataType> = prepared
            .parameters()
            .into_iter()
            .filter_map(|(name, engine)| Some((number(&name)?, engine?)))
            .collect();
        let parameters = (1..=named.highest).map(|number| {
            let rows = named.of_rows.contains(&number).then_some(DataType::Int64);
            let engine = declared.engine(number, engine.get(&number).cloned().or(rows));
            let wire = wire_type(said.get(number - 1).and_then(Option::as_ref), engine.as_ref());
            Parameter { wire, engine }
        });
        let parameters = parameters.collect();
        Ok(KeptQuery { text: text.to_owned(), statement, declared, parameters, schema: prepared.schema() })
    }

    /// Begins to answer.
    pub async fn open(
        &self,
        principal: &Principal,
        text: &str,
        statement: Statement,
        parameters: ParamValues,
    ) -> Result<Answering, Failure> {
        // One lock at a time: both would be held until the inquiry is made.
        let settings = self.link.settings().by_name();
        let inquiry = Inquiry {
            text: text.to_owned(),
            statement,
            parameters,
            channel: Channel::Wire,
            origin: Some(self.link.origin().to_owned()),
            settings,
            patience: self.link.settings().statement_timeout().unwrap_or(TIME_LIMIT),
            interrupt: self.link.interrupt.clone(),
            open: self.link.open_answer(),
        };
        self.wire.app().sql.open(principal, inquiry).await.map_err(Failure::from)
    }

    async fn refused(&self, principal: &Principal, text: &str, refusal: Refusal) -> Failure {
        let question = Question { text, channel: Channel::Wire, origin: Some(self.link.origin()) };
        self.wire.app().sql.refuse(principal, question, refusal).await.into()
    }
}

/// More than one query in a message.
pub fn one_query() -> Failure {
    Failure::error("42601", "一次只能提交一条查询。")
}
