//! The simple protocol: one message with a text, answered as text. Session commands may stand beside the one query.

use std::fmt::Debug;

use async_trait::async_trait;
use datafusion::common::ParamValues;
use futures::{Sink, SinkExt};
use pgwire::api::portal::Format;
use pgwire::api::query::{
    SimpleQueryHandler, send_execution_response, send_query_response, send_ready_for_query,
};
use pgwire::api::results::{Response, Tag};
use pgwire::api::store::PortalStore;
use pgwire::api::{ClientInfo, ClientPortalStore, PgWireConnectionState};
use pgwire::error::{PgWireError, PgWireResult};
use pgwire::messages::PgWireBackendMessage;
use pgwire::messages::response::{EmptyQueryResponse, TransactionStatus};
use pgwire::messages::simplequery::Query;
use pgwire::messages::startup::ParameterStatus;

use super::backend::{Backend, one_query};
use super::command::Command;
use super::cursor;
use super::encode::Shape;
use super::failure::Failure;
use super::perform::{Forget, Performed, Reply, listens, may_declare};
use super::split::statements;

#[async_trait]
impl SimpleQueryHandler for Backend {
    async fn on_query<C>(&self, client: &mut C, query: Query) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        client.set_state(PgWireConnectionState::QueryInProgress);
        self.link.interrupt.forget();
        self.short_enough(&query.query).await?;
        let pieces = statements(&query.query);
        if pieces.is_empty() {
            client.feed(PgWireBackendMessage::EmptyQueryResponse(EmptyQueryResponse::new())).await?;
        }
        let mut asked = false;
        for piece in pieces {
            let command = Command::parse(piece)?;
            listens(client.transaction_status(), command.as_ref())?;
            if command.is_none() && std::mem::replace(&mut asked, true) {
                return Err(one_query().into());
            }
            let performed = self.performed(piece, command, client.transaction_status()).await?;
            give(client, self, performed, Describe::Rows).await?;
        }
        client.set_state(PgWireConnectionState::ReadyForQuery);
        let status = client.transaction_status();
        send_ready_for_query(client, status).await
    }

    async fn do_query<C>(&self, _client: &mut C, _query: &str) -> PgWireResult<Vec<Response>>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        // The library calls this from its own `on_query` only, which is replaced above.
        Err(Failure::error("0A000", "不支持这种调用。").into())
    }
}

impl Backend {
    async fn performed(
        &self,
        text: &str,
        command: Option<Command>,
        status: TransactionStatus,
    ) -> Result<Performed, Failure> {
        let none = || ParamValues::List(Vec::new());
        match command {
            Some(command) => {
                let Command::Declare { query, .. } = &command else {
                    return self.perform(&command, status, &Format::UnifiedText).await;
                };
                may_declare(&command, status)?;
                let principal = self.principal().await?;
                let statement = self.parsed(&principal, query).await?;
                let answering = self.open(&principal, query, statement, none()).await?;
                self.declare(&command, status, answering)
            }
            None => {
                let principal = self.principal().await?;
                let statement = self.parsed(&principal, text).await?;
                let answering = self.open(&principal, text, statement, none()).await?;
                let formats = self.link.settings().formats();
                let shape = Shape::of(answering.schema(), &Format::UnifiedText, &formats)?;
                let reply = Reply::Rows(cursor::response(answering, shape));
                Ok(Performed { reply, status, told: Vec::new(), forget: Forget::Nothing })
            }
        }
    }
}

/// Whether rows go out with their description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Describe {
    /// The client has seen no description.
    Rows,
    /// It asked for one before.
    Nothing,
}

/// Sends what became of a command or a query.
pub async fn give<C>(
    client: &mut C,
    backend: &Backend,
    performed: Performed,
    describe: Describe,
) -> PgWireResult<()>
where
    C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
    C::PortalStore: PortalStore,
    C::Error: Debug,
    PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
{
    let Performed { reply, status, told, forget } = performed;
    forgotten(client, backend, forget);
    for (name, value) in told {
        client.feed(PgWireBackendMessage::ParameterStatus(ParameterStatus::new(name, value))).await?;
    }
    match reply {
        Reply::Tag(tag) => send_execution_response(client, Tag::new(&tag)).await?,
        Reply::Rows(rows) => send_query_response(client, rows, describe == Describe::Rows).await?,
    }
    client.set_transaction_status(status);
    Ok(())
}

fn forgotten<C>(client: &C, backend: &Backend, forget: Forget)
where
    C: ClientPortalStore,
    C::PortalStore: PortalStore,
{
    let store = client.portal_store();
    let link = &backend.link;
    if matches!(forget, Forget::Portals | Forget::Everything) {
        store.clear_portals();
        link.forget_portals();
    }
    if matches!(forget, Forget::Statements | Forget::Everything) {
        for name in link.forget_statements() {
            store.rm_statement(&name);
        }
    }
    if let Forget::Statement(name) = forget {
        store.rm_statement(&name);
        link.forget_statement(&name);
    }
}
