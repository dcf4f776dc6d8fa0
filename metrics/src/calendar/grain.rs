//! The lengths of a period a figure can be asked for.

use serde::{Deserialize, Serialize};

/// How the time of an answer is cut. Weeks are ISO weeks (Monday to Sunday); `Total` is the asked range as one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grain {
    /// One calendar day.
    Day,
    /// Monday to Sunday.
    Week,
    /// One calendar month.
    Month,
    /// Three calendar months from January, April, July or October.
    Quarter,
    /// One calendar year.
    Year,
    /// The whole asked range as one period.
    Total,
}

impl Grain {
    /// Every grain, finest first.
    pub const ALL: [Self; 6] = [Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year, Self::Total];

    /// The name used in definitions and queries.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
            Self::Total => "total",
        }
    }

    /// The grain of that name, if there is one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grain| grain.as_str() == name)
    }

    /// The heading of a period column.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Day => "日期",
            Self::Week => "周",
            Self::Month => "月份",
            Self::Quarter => "季度",
            Self::Year => "年份",
            Self::Total => "期间",
        }
    }

    /// "按月" and the like, for sentences.
    #[must_use]
    pub fn adverb(self) -> &'static str {
        match self {
            Self::Day => "按日",
            Self::Week => "按周",
            Self::Month => "按月",
            Self::Quarter => "按季",
            Self::Year => "按年",
            Self::Total => "按合计",
        }
    }
}
