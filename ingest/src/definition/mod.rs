//! What a feed is: where its rows come from, which columns they have, what must hold, where they go.
//! Definitions are TOML files under `ingest/feeds/<id>.toml`; `load` reads them, `streams` makes the streams of the outbox,
//! `catalog` checks both against the tables of the lake.

mod catalog;
mod file_feed;
mod file_field;
mod load;
mod outbox_feed;
mod rule;
mod streams;

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
pub use pujiang_definition::DefinitionError;
use pujiang_definition::Places;

use crate::format::{FileFormat, FormatOptions};
use crate::value::{CodeList, Letters, Zone};

/// All feeds by id.
#[derive(Debug, Clone, Default)]
pub struct FeedDefinitions {
    feeds: BTreeMap<String, Arc<FeedDef>>,
}

impl FeedDefinitions {
    /// The feed of that id.
    pub fn feed(&self, id: &str) -> Option<&Arc<FeedDef>> {
        self.feeds.get(id)
    }

    /// All feeds in the order of their ids.
    pub fn feeds(&self) -> impl Iterator<Item = &Arc<FeedDef>> {
        self.feeds.values()
    }

    /// Whether the lake table a resource goes to also takes files of partners: then it holds records the operational
    /// store does not have.
    pub fn partners_share_table_of(&self, resource: &str) -> bool {
        let tables: Vec<&str> = self
            .feeds()
            .filter_map(|feed| match &feed.source {
                Source::Outbox(outbox) => Some(outbox.streams.iter()),
                Source::Files(_) => None,
            })
            .flatten()
            .filter(|stream| stream.resource == resource)
            .map(|stream| stream.table.as_str())
            .collect();
        self.feeds().any(
            |feed| matches!(&feed.source, Source::Files(files) if tables.contains(&files.table.as_str())),
        )
    }
}

/// One feed.
#[derive(Debug, Clone)]
pub struct FeedDef {
    /// Id = file name.
    pub id: String,
    /// Chinese title.
    pub title: String,
    /// What comes through it and from whom.
    pub description: String,
    /// Where rows come from.
    pub source: Source,
    places: Places,
}

/// Where rows come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// Files in `DATA/inbox/<id>/` and batches over HTTP.
    Files(Box<FileFeed>),
    /// The operational store's outbox.
    Outbox(OutboxFeed),
}

impl Source {
    /// Name in feed files and answers.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Files(_) => "files",
            Self::Outbox(_) => "outbox",
        }
    }
}

/// A feed of files.
#[derive(Clone)]
pub struct FileFeed {
    /// Format of the files.
    pub format: &'static dyn FileFormat,
    /// How the format reads them.
    pub options: FormatOptions,
    /// Among how many of the first rows the header is looked for.
    pub header_depth: usize,
    /// Lake table the rows go to.
    pub table: String,
    /// Zone of times that name none.
    pub zone: Zone,
    /// Columns of the table with the same value in every row.
    pub set: IndexMap<String, String>,
    /// Column that takes the district as it was at the row's time.
    pub place: Option<PlaceDef>,
    /// Fields of a row.
    pub fields: Vec<FieldDef>,
    /// Which fields play a part.
    pub roles: Roles,
    /// What must hold.
    pub rules: Vec<Rule>,
}

impl std::fmt::Debug for FileFeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileFeed")
            .field("format", &self.format.id())
            .field("table", &self.table)
            .finish_non_exhaustive()
    }
}

/// Where the district of a row's own time goes: districts end, and their rows count for the successor ever after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceDef {
    /// Column of the lake table.
    pub column: String,
    /// Position of the field with the time.
    pub time: usize,
}

/// Positions of the fields the engine itself looks at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Roles {
    /// Identifies a record.
    pub key: usize,
    /// Higher wins.
    pub version: Option<usize>,
    /// Upsert or delete.
    pub operation: Option<usize>,
    /// District of the row.
    pub district: Option<usize>,
    /// Longitude, from which the district can be found.
    pub longitude: Option<usize>,
    /// Latitude, likewise.
    pub latitude: Option<usize>,
}

/// One field of a row.
#[derive(Debug, Clone)]
pub struct FieldDef {
    /// Column of the lake table (or a name of its own for operation and coordinates).
    pub name: String,
    /// Chinese title.
    pub title: String,
    /// How its cells are read.
    pub kind: FieldKind,
    /// Whether every row must fill it.
    pub required: bool,
    /// Whether a file may lack the whole column.
    pub column_optional: bool,
    /// Value when nothing is there.
    pub default: Option<String>,
    /// Normalised headers it answers to.
    pub aliases: Vec<String>,
    /// Normalised headers it answers to when no alias is there.
    pub fallback: Vec<String>,
    /// Known codes.
    pub codes: CodeList,
    /// Whether small letters of an identifier are the same as capitals.
    pub letters: Letters,
    /// For personal identifiers: what the lake gets instead of the value.
    pub protect: Option<Protect>,
}

/// How the cells of a field are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Text that identifies something; never a number.
    Identifier,
    /// Any text.
    Text,
    /// Money, two decimals.
    Amount,
    /// Whole number.
    Integer,
    /// Point in time.
    Time,
    /// One of a closed list.
    Code,
    /// District by name, code or coordinates.
    District,
    /// Upsert or delete.
    Operation,
    /// Degrees east.
    Longitude,
    /// Degrees north.
    Latitude,
}

/// What the lake gets instead of a personal identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protect {
    /// Domain of the pseudonym; the same value has the same pseudonym in all feeds of a domain.
    pub domain: String,
    /// Column that takes the pseudonym; the field's own column takes the mask.
    pub token: String,
}

/// What must hold in every row. Fields by position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// Not below zero.
    NonNegative(usize),
    /// Not later than now plus so many minutes (clocks differ a little).
    NotInFuture {
        /// The time.
        field: usize,
        /// Allowed lead.
        tolerance_minutes: i64,
    },
    /// `whole − minus = equals`.
    Difference {
        /// Original price.
        whole: usize,
        /// Discount.
        minus: usize,
        /// What was paid.
        equals: usize,
    },
}

/// The feed that tails the outbox.
#[derive(Debug, Clone, Default)]
pub struct OutboxFeed {
    /// One entry per resource that goes to the lake; none before they are made of resources and tables.
    pub streams: Vec<Stream>,
    changes: Vec<StreamChange>,
}

/// What a file says of a stream.
#[derive(Debug, Clone)]
struct StreamChange {
    resource: String,
    set: IndexMap<String, String>,
    place: Option<(String, String)>,
    /// Its key in the file.
    key: String,
}

/// How the events of one resource become rows.
#[derive(Debug, Clone)]
pub struct Stream {
    /// Resource of the operational store.
    pub resource: String,
    /// Lake table.
    pub table: String,
    /// Columns with the same value in every row.
    pub set: IndexMap<String, String>,
    /// Columns whose value has another name in the event.
    pub from: IndexMap<String, String>,
    /// Column that takes the district as it was at the row's time, and the column of that time.
    pub place: Option<(String, String)>,
    /// Whether entering and leaving states is recorded as state events.
    pub states: StateEvents,
    /// Its key in the file; empty where no file says anything of it.
    key: String,
}

/// Whether a stream records entering and leaving states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateEvents {
    /// Yes, with the values of these fields.
    Recorded(Vec<String>),
    /// No.
    Ignored,
}
