//! The extended protocol: Parse, Bind, Describe, Execute. What is kept between them is the parsed statement; principal,
//! session and plan are made anew for each Execute, so rows and grants are those of that moment.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use futures::{Sink, SinkExt};
use pgwire::api::portal::{Format, Portal, PortalExecutionState};
use pgwire::api::query::{ExtendedQueryHandler, send_execution_response, send_partial_query_response};
use pgwire::api::results::{FieldInfo, Response, Tag};
use pgwire::api::stmt::{QueryParser, StoredStatement};
use pgwire::api::store::{Entry, PortalStore};
use pgwire::api::{ClientInfo, ClientPortalStore, DEFAULT_NAME, PgWireConnectionState, Type};
use pgwire::error::{PgWireError, PgWireResult};
use pgwire::messages::PgWireBackendMessage;
use pgwire::messages::data::{NoData, ParameterDescription, RowDescription};
use pgwire::messages::extendedquery::{
    Bind, BindComplete, Close, CloseComplete, Describe as DescribeMessage, Execute, Parse, ParseComplete,
    Sync as SyncMessage, TARGET_TYPE_BYTE_PORTAL, TARGET_TYPE_BYTE_STATEMENT,
};
use pgwire::messages::response::{EmptyQueryResponse, ReadyForQuery, TransactionStatus};

use super::backend::{Backend, one_query};
use super::bind;
use super::command::Command;
use super::cursor;
use super::encode::{Shape, described, has_same_types, is_same};
use super::failure::Failure;
use super::perform::{Forget, Performed, Reply, listens, may_declare};
use super::simple::{Describe, give};
use super::split::statements;
use super::statement::{Kept, KeptQuery, Stored};

#[async_trait]
impl QueryParser for Backend {
    type Statement = Stored;

    async fn parse_sql<C>(
        &self,
        client: &C,
        sql: &str,
        types: &[Option<Type>],
    ) -> PgWireResult<Option<Stored>>
    where
        C: ClientInfo + Unpin + Send + Sync,
    {
        let pieces = statements(sql);
        let text = match pieces.as_slice() {
            [] => return Ok(None),
            [text] => *text,
            _ => return Err(one_query().into()),
        };
        let command = Command::parse(text)?;
        listens(client.transaction_status(), command.as_ref())?;
        let kept = match command {
            Some(Command::Declare { ref query, .. }) => {
                let query = self.planned(&self.principal().await?, query, types).await?;
                command.map(|command| Kept::Declare(command, query))
            }
            Some(command) => Some(Kept::Command(command)),
            None => Some(Kept::Query(self.planned(&self.principal().await?, text, types).await?)),
        };
        Ok(kept.map(Arc::new))
    }

    fn get_parameter_types(&self, kept: &Stored) -> PgWireResult<Vec<Type>> {
        Ok(kept.parameters().iter().map(|parameter| parameter.wire.clone()).collect())
    }

    fn get_result_schema(&self, kept: &Stored, format: Option<&Format>) -> PgWireResult<Vec<FieldInfo>> {
        let format = format.unwrap_or(&Format::UnifiedText);
        let fields = match kept.as_ref() {
            Kept::Declare(..) => return Ok(Vec::new()),
            Kept::Command(command) => self.columns(command, format)?,
            Kept::Query(query) => described(&query.schema, format, &self.link.settings().formats())?,
        };
        Ok(fields.as_ref().clone())
    }
}

#[async_trait]
impl ExtendedQueryHandler for Backend {
    type Statement = Stored;
    type QueryParser = Self;

    fn query_parser(&self) -> Arc<Self> {
        Arc::new(self.clone())
    }

    async fn on_parse<C>(&self, client: &mut C, message: Parse) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Stored>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let name = message.name.clone().unwrap_or_else(|| DEFAULT_NAME.to_owned());
        self.short_enough(&message.query).await?;
        self.link.note_statement(&name, message.query.len())?;
        let parsed = StoredStatement::parse(client, &message, self.query_parser()).await;
        // A client does not close what it was never given.
        match parsed.inspect_err(|_| self.link.forget_statement(&name))? {
            Some(statement) => client.portal_store().put_statement(Arc::new(statement)),
            None => client.portal_store().put_empty_statement(&name),
        }
        client.feed(PgWireBackendMessage::ParseComplete(ParseComplete::new())).await?;
        Ok(())
    }

    async fn on_bind<C>(&self, client: &mut C, message: Bind) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Stored>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let statement = message.statement_name.as_deref().unwrap_or(DEFAULT_NAME);
        let portal = message.portal_name.as_deref().unwrap_or(DEFAULT_NAME);
        let Some(entry) = client.portal_store().get_statement(statement) else {
            return Err(PgWireError::StatementNotFound(statement.to_owned()));
        };
        self.link.note_portal(portal)?;
        match entry {
            Entry::Value(statement) => {
                let portal = Portal::try_new(&message, statement)?;
                // Wrong parameters are told now, where clients expect it, not when rows are asked for.
                bind::values(&portal)?;
                client.portal_store().put_portal(Arc::new(portal));
            }
            Entry::Empty if message.parameters.is_empty() => client.portal_store().put_empty_portal(portal),
            Entry::Empty => return Err(Failure::error("08P01", "空语句没有参数。").into()),
        }
        client.feed(PgWireBackendMessage::BindComplete(BindComplete::new())).await?;
        Ok(())
    }

    async fn on_describe<C>(&self, client: &mut C, message: DescribeMessage) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Stored>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let name = message.name.as_deref().unwrap_or(DEFAULT_NAME);
        let fields = match message.target_type {
            TARGET_TYPE_BYTE_STATEMENT => {
                let Some(entry) = client.portal_store().get_statement(name) else {
                    return Err(PgWireError::StatementNotFound(name.to_owned()));
                };
                let (types, fields) = match entry {
                    Entry::Empty => (Vec::new(), Vec::new()),
                    Entry::Value(statement) => (
                        self.get_parameter_types(&statement.statement)?,
                        self.get_result_schema(&statement.statement, None)?,
                    ),
                };
                let types = ParameterDescription::new(types.iter().map(Type::oid).collect());
                client.feed(PgWireBackendMessage::ParameterDescription(types)).await?;
                fields
            }
            // A named cursor is a portal too: drivers look at its columns after DECLARE.
            TARGET_TYPE_BYTE_PORTAL if self.link.has_cursor(name) => {
                let command = Command::Fetch { name: name.to_owned(), rows: None };
                self.columns(&command, &Format::UnifiedText)?.as_ref().clone()
            }
            TARGET_TYPE_BYTE_PORTAL => match client.portal_store().get_portal(name) {
                Some(Entry::Value(portal)) => {
                    self.get_result_schema(&portal.statement.statement, Some(&portal.result_column_format))?
                }
                Some(Entry::Empty) => Vec::new(),
                None => return Err(PgWireError::PortalNotFound(name.to_owned())),
            },
            other => return Err(PgWireError::InvalidTargetType(other)),
        };
        let message = if fields.is_empty() {
            PgWireBackendMessage::NoData(NoData::new())
        } else {
            PgWireBackendMessage::RowDescription(RowDescription::new(fields.iter().map(Into::into).collect()))
        };
        client.feed(message).await?;
        Ok(())
    }

    async fn on_execute<C>(&self, client: &mut C, message: Execute) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Stored>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        client.set_state(PgWireConnectionState::QueryInProgress);
        self.link.interrupt.forget();
        let name = message.name.as_deref().unwrap_or(DEFAULT_NAME);
        // Zero is all; less than zero is no number of rows.
        let most = usize::try_from(message.max_rows).unwrap_or(0);
        match client.portal_store().get_portal(name) {
            Some(Entry::Value(portal)) => self.execute(client, &portal, most).await?,
            Some(Entry::Empty) => {
                client.feed(PgWireBackendMessage::EmptyQueryResponse(EmptyQueryResponse::new())).await?;
            }
            None => return Err(PgWireError::PortalNotFound(name.to_owned())),
        }
        client.set_state(PgWireConnectionState::ReadyForQuery);
        Ok(())
    }

    async fn on_sync<C>(&self, client: &mut C, _message: SyncMessage) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Stored>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let status = client.transaction_status();
        // Outside a transaction each Sync ends one, and portals end with it.
        if matches!(status, TransactionStatus::Idle) {
            client.portal_store().clear_portals();
            self.link.forget_portals();
        }
        client.send(PgWireBackendMessage::ReadyForQuery(ReadyForQuery::new(status))).await?;
        Ok(())
    }

    async fn on_close<C>(&self, client: &mut C, message: Close) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Stored>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let name = message.name.as_deref().unwrap_or(DEFAULT_NAME);
        if message.target_type == TARGET_TYPE_BYTE_STATEMENT {
            client.portal_store().rm_statement(name);
            self.link.forget_statement(name);
        } else if self.link.has_cursor(name) {
            self.link.close_cursor(Some(name))?;
        } else {
            client.portal_store().rm_portal(name);
            self.link.forget_portal(name);
        }
        client.feed(PgWireBackendMessage::CloseComplete(CloseComplete::new())).await?;
        Ok(())
    }

    async fn do_query<C>(
        &self,
        _client: &mut C,
        _portal: &Portal<Stored>,
        _most: usize,
    ) -> PgWireResult<Response>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Stored>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        // The library calls this from its own `on_execute` only, which is replaced above.
        Err(Failure::error("0A000", "不支持这种调用。").into())
    }
}

impl Backend {
    /// Gives a portal's next rows, or all. The library would gather them first; here they go out as they come.
    async fn execute<C>(&self, client: &mut C, portal: &Portal<Stored>, most: usize) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Stored>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let state = portal.state();
        let mut state = state.lock().await;
        let response = match std::mem::replace(&mut *state, PortalExecutionState::Finished) {
            PortalExecutionState::Suspended(response) => Some(response),
            PortalExecutionState::Finished => None,
            PortalExecutionState::Initial => {
                let performed = self.run(client.transaction_status(), portal).await?;
                match performed {
                    Performed { reply: Reply::Rows(response), .. } => Some(response),
                    performed => return give(client, self, performed, Describe::Nothing).await,
                }
            }
        };
        let Some(mut response) = response else {
            return send_execution_response(client, Tag::new("SELECT").with_rows(0)).await;
        };
        if send_partial_query_response(client, &mut response, most).await? {
            *state = PortalExecutionState::Suspended(response);
        }
        Ok(())
    }

    async fn run(&self, status: TransactionStatus, portal: &Portal<Stored>) -> Result<Performed, Failure> {
        let format = &portal.result_column_format;
        match portal.statement.statement.as_ref() {
            Kept::Command(command) => self.perform(command, status, format).await,
            Kept::Declare(command, query) => {
                listens(status, Some(command))?;
                may_declare(command, status)?;
                self.declare(command, status, self.answered(query, portal).await?)
            }
            Kept::Query(query) => {
                listens(status, None)?;
                let answering = self.answered(query, portal).await?;
                let shape = Shape::of(answering.schema(), format, &self.link.settings().formats())?;
                let reply = Reply::Rows(cursor::response(answering, shape));
                Ok(Performed { reply, status, told: Vec::new(), forget: Forget::Nothing })
            }
        }
    }

    async fn answered(
        &self,
        query: &KeptQuery,
        portal: &Portal<Stored>,
    ) -> Result<crate::sql::Answering, Failure> {
        let parameters = bind::values(portal)?;
        let principal = self.principal().await?;
        let statement = query.declared.bound(query.statement.clone(), &parameters);
        let answering = self.open(&principal, &query.text, statement, parameters).await?;
        let fits = if query.parameters.is_empty() { is_same } else { has_same_types };
        if !fits(&query.schema, answering.schema()) {
            return Err(Failure::error("0A000", "结果的列已经改变，请重新准备这条语句。"));
        }
        Ok(answering)
    }
}
