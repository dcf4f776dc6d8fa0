//! What a board is: filters on top and tiles of declared kinds, each naming indicators.

use std::collections::BTreeSet;

use pujiang_metrics::{Compare, Grain};

/// What a filter of a board chooses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterKind {
    /// The month everything ends at.
    Period,
    /// One member of the dimension of that id.
    Dimension(String),
}

impl FilterKind {
    /// Name in definitions and HTTP.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Period => "period",
            Self::Dimension(_) => "dimension",
        }
    }

    /// The dimension it chooses a member of.
    pub fn dimension(&self) -> Option<&str> {
        match self {
            Self::Period => None,
            Self::Dimension(id) => Some(id),
        }
    }
}

/// How a tile shows its rows, and so which rows it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TileKind {
    /// One figure with its recent months.
    Figure,
    /// Districts coloured by an indicator.
    Map,
    /// This year against the last.
    Trend,
    /// Districts in order.
    Ranking,
    /// Parts of a whole.
    Composition,
    /// Numbers in rows.
    Table,
    /// One's own district beside the average of all; the view asks the declared comparisons for the rest.
    Comparison,
}

impl TileKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Figure,
        Self::Map,
        Self::Trend,
        Self::Ranking,
        Self::Composition,
        Self::Table,
        Self::Comparison,
    ];

    /// Name in definitions and HTTP.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Figure => "figure",
            Self::Map => "map",
            Self::Trend => "trend",
            Self::Ranking => "ranking",
            Self::Composition => "composition",
            Self::Table => "table",
            Self::Comparison => "comparison",
        }
    }

    /// How many periods a tile of this kind shows unless it says otherwise.
    pub fn default_periods(self) -> u32 {
        match self {
            Self::Figure => 13,
            Self::Trend => 25,
            Self::Map | Self::Ranking | Self::Composition | Self::Table | Self::Comparison => 1,
        }
    }

    /// The dimension a tile of this kind has unless it says otherwise.
    pub fn default_dimension(self) -> Option<&'static str> {
        match self {
            Self::Map | Self::Ranking => Some("district"),
            Self::Figure | Self::Trend | Self::Composition | Self::Table | Self::Comparison => None,
        }
    }

    /// The comparisons a tile of this kind has unless it says otherwise.
    pub fn default_compare(self) -> &'static [Compare] {
        match self {
            Self::Figure => &[Compare::Yoy, Compare::Mom],
            Self::Map => &[Compare::Yoy],
            Self::Ranking => &[Compare::Rank, Compare::Yoy],
            Self::Composition => &[Compare::Share],
            Self::Trend | Self::Table | Self::Comparison => &[],
        }
    }
}

/// A filter of a board.
#[derive(Debug, Clone)]
pub struct FilterDef {
    /// Id within the board.
    pub id: String,
    /// What it chooses.
    pub kind: FilterKind,
    /// Chinese title.
    pub title: String,
}

/// A tile of a board; defaults are already filled in.
#[derive(Debug, Clone)]
pub struct TileDef {
    /// Id within the board.
    pub id: String,
    /// How it is shown.
    pub kind: TileKind,
    /// Chinese title.
    pub title: String,
    /// A line below the title.
    pub description: Option<String>,
    /// Width in twelfths of the desk layout.
    pub span: u8,
    /// Indicators in the order to show.
    pub indicators: Vec<String>,
    /// The dimension the rows are split by.
    pub dimension: Option<String>,
    /// How time is cut.
    pub grain: Grain,
    /// How many periods, ending at the chosen one.
    pub periods: u32,
    /// Comparisons.
    pub compare: Vec<Compare>,
    /// At most so many rows.
    pub limit: Option<u32>,
}

/// A board.
#[derive(Debug, Clone)]
pub struct BoardDef {
    /// Id = file name.
    pub id: String,
    /// Chinese title.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// Filters in the order to show.
    pub filters: Vec<FilterDef>,
    /// Tiles in the order to show.
    pub tiles: Vec<TileDef>,
}

impl BoardDef {
    /// The filter that chooses a member of this dimension.
    pub fn filter_of(&self, dimension: &str) -> Option<&FilterDef> {
        self.filters.iter().find(|filter| filter.kind.dimension() == Some(dimension))
    }

    /// The dimensions it is filtered and split by, each once.
    pub fn dimensions(&self) -> BTreeSet<&str> {
        let chosen = self.filters.iter().filter_map(|filter| filter.kind.dimension());
        chosen.chain(self.tiles.iter().filter_map(|tile| tile.dimension.as_deref())).collect()
    }
}
