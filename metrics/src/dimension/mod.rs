//! What figures are broken down and filtered by: `dimensions/<id>.toml`, the file name is the id. A dimension names the
//! column behind it and says which members it has, in which order and colour, and what it lies within. Reading is
//! `read`, loading `load`, the check against the tables of the lake `check`. Which rows are counted is the indicators'.

mod check;
mod load;
mod read;

use pujiang_definition::Places;

use crate::definition::{DISTRICT, DefinitionError, PLACE};

/// Characters of a wrong code that are said again.
const LONGEST_SHOWN: usize = 50;

/// One dimension.
#[derive(Debug, Clone)]
pub struct DimensionDef {
    /// Id = file name.
    pub id: String,
    /// Chinese name, also the heading of its column in answers.
    pub title: String,
    /// What it tells apart, in Chinese.
    pub description: String,
    /// The column behind it, in every table that has the dimension.
    pub column: String,
    /// The words for all members together: `全部类别`.
    pub all: String,
    /// The dimension its members lie within: a street within a district.
    pub parent: Option<String>,
    /// Which members it has.
    pub members: Members,
    places: Places,
}

/// Which members a dimension has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Members {
    /// Whatever the rows hold.
    Open,
    /// These, in this order.
    Listed(Vec<Member>),
    /// The rows of a table of the lake, in the order of their codes.
    Table(MemberTable),
}

/// One member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// As rows hold it.
    pub code: String,
    /// As people read it.
    pub title: String,
    /// `#rrggbb`; none leaves it to whoever draws.
    pub colour: Option<String>,
    /// The member of the parent dimension it lies within.
    pub parent: Option<String>,
    /// Whether it is only named where rows hold it and offered nowhere: what is no more.
    pub hidden: bool,
}

/// A table of the lake that lists members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberTable {
    /// Its id.
    pub table: String,
    /// Column with the codes.
    pub code: String,
    /// Column with the words for people.
    pub title: String,
    /// Column with the code of the parent's member.
    pub parent: Option<String>,
    /// Date column: a member with a date is hidden.
    pub until: Option<String>,
}

impl DimensionDef {
    /// Whether the platform itself knows its members and names them: districts, which rows are cut by.
    #[must_use]
    pub fn is_of_districts(&self) -> bool {
        self.id == DISTRICT || self.id == PLACE
    }

    /// Whether members are called otherwise than their codes, so that answers need a column of names.
    #[must_use]
    pub fn has_names(&self) -> bool {
        match &self.members {
            Members::Open => false,
            Members::Listed(members) => members.iter().any(|member| member.title != member.code),
            Members::Table(_) => true,
        }
    }

    /// Its members as far as the definition itself lists them.
    #[must_use]
    pub fn listed(&self) -> &[Member] {
        match &self.members {
            Members::Listed(members) => members,
            Members::Open | Members::Table(_) => &[],
        }
    }

    /// Why a code cannot be one of its members, with those there are; none where it may be one.
    #[must_use]
    pub fn without(&self, code: &str) -> Option<String> {
        let members = self.listed();
        if members.is_empty() || members.iter().any(|member| member.code == code) {
            return None;
        }
        let shown: String = code.chars().take(LONGEST_SHOWN).collect();
        let codes: Vec<&str> = members.iter().map(|member| member.code.as_str()).collect();
        Some(format!("没有“{shown}”这一取值，可用的有：{}", codes.join("、")))
    }

    /// A mistake at a key of its file, found by whoever knows more than this room.
    #[must_use]
    pub fn mistake(&self, key: &str, message: impl Into<String>) -> DefinitionError {
        self.error(key, message)
    }

    fn error(&self, key: &str, message: impl Into<String>) -> DefinitionError {
        self.places.error(key, message)
    }
}

/// All dimensions, in the order of their ids.
#[derive(Debug, Clone, Default)]
pub struct DimensionDefinitions {
    dimensions: Vec<DimensionDef>,
}

impl DimensionDefinitions {
    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[DimensionDef] {
        &self.dimensions
    }

    /// The dimension of that id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&DimensionDef> {
        let found = self.dimensions.binary_search_by(|dimension| dimension.id.as_str().cmp(id)).ok()?;
        self.dimensions.get(found)
    }
}
