//! What an indicator measures: which rows of the lake it looks at and how they become a number.

/// Keeps the rows whose column holds one of the values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Keep {
    /// Column of the source table.
    pub column: String,
    /// Accepted values.
    pub any_of: Vec<String>,
}

/// The rows a measure looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Table of the lake.
    pub table: String,
    /// The date or timestamp column that puts a row into a period.
    pub time: String,
    /// All must hold.
    pub filter: Vec<Keep>,
}

/// How rows become a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    /// Rows.
    Count(Source),
    /// The sum of a column.
    Sum {
        /// Rows.
        source: Source,
        /// Integer or decimal column.
        column: String,
    },
    /// Exactly how many different values a column has.
    Distinct {
        /// Rows.
        source: Source,
        /// The column whose values are counted.
        column: String,
    },
    /// How many records of a resource are in certain states at the end of the period: a running sum of state changes.
    Stock(Source),
    /// Registered records against the codes that the rows of the period name.
    Overlap(Overlap),
    /// One indicator over another, times `scale`. A denominator of 0 gives no value.
    Ratio {
        /// Id of the upper indicator.
        numerator: String,
        /// Id of the lower indicator.
        denominator: String,
        /// 100 for a percentage, 1 for an average.
        scale: u32,
    },
}

/// How records that are registered at the end of the period meet the codes its rows name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// Id of the stock indicator: who is registered.
    pub stock: String,
    /// Id of the distinct indicator: which codes were seen.
    pub seen: String,
    /// Table of the records.
    pub records: String,
    /// The column state changes name a record by.
    pub key: String,
    /// The column with the code of a record.
    pub code: String,
    /// Who is counted.
    pub side: Side,
}

/// Who is counted of an overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Registered records whose code was seen.
    Registered,
    /// Codes that were seen and belong to no registered record.
    Strangers,
}

impl Measure {
    /// The rows it looks at; ratios and overlaps have none of their own.
    #[must_use]
    pub fn source(&self) -> Option<&Source> {
        match self {
            Self::Count(source) | Self::Stock(source) => Some(source),
            Self::Sum { source, .. } | Self::Distinct { source, .. } => Some(source),
            Self::Overlap(_) | Self::Ratio { .. } => None,
        }
    }
}
