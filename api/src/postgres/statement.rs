//! What is kept of a prepared statement: the parsed text and what the client was told about it. Never a plan: rows are
//! those of the moment somebody executes.

use std::sync::Arc;

use arrow::datatypes::{DataType, SchemaRef};
use datafusion::sql::sqlparser::ast::Statement;
use pgwire::api::Type;

use super::command::Command;
use super::declared::Declared;

/// A prepared statement.
#[derive(Debug)]
pub enum Kept {
    /// A session command.
    Command(Command),
    /// A cursor over a query that may have parameters.
    Declare(Command, KeptQuery),
    /// A query.
    Query(KeptQuery),
}

/// As the protocol library stores it.
pub type Stored = Arc<Kept>;

/// A query and what was told about it.
#[derive(Debug)]
pub struct KeptQuery {
    /// The text, for the audit log.
    pub text: String,
    /// The query.
    pub statement: Statement,
    /// What the client said its parameters are.
    pub declared: Declared,
    /// Its parameters, in order.
    pub parameters: Vec<Parameter>,
    /// Its columns.
    pub schema: SchemaRef,
}

/// One parameter.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// How the client sends it.
    pub wire: Type,
    /// What the engine compares it with, if it knows.
    pub engine: Option<DataType>,
}

impl Kept {
    /// The query inside, if there is one.
    pub fn query(&self) -> Option<&KeptQuery> {
        match self {
            Self::Command(_) => None,
            Self::Declare(_, query) | Self::Query(query) => Some(query),
        }
    }

    /// Its parameters.
    pub fn parameters(&self) -> &[Parameter] {
        self.query().map_or(&[], |query| &query.parameters)
    }
}
