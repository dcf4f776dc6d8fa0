//! The question: which indicators, broken down how, over which time, compared with what. It is the JSON body of
//! `POST /metrics/query` and the type boards and reports build.

use chrono::NaiveDate;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::calendar::Grain;

/// A question. Nothing in it says whose rows are read: that comes with the principal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsQuery {
    /// Ids of indicators.
    pub indicators: Vec<String>,
    /// Dimensions to break down by; the first is the one shares and ranks run over.
    #[serde(default)]
    pub dimensions: Vec<String>,
    /// Which time, and how it is cut.
    pub time: TimeRange,
    /// Accepted values by dimension.
    #[serde(default)]
    pub filters: IndexMap<String, Vec<String>>,
    /// Derived columns.
    #[serde(default)]
    pub compare: Vec<Compare>,
    /// Names of answer columns, `-` in front for descending. Without it: by period and dimensions.
    #[serde(default)]
    pub order: Vec<String>,
    /// At most so many rows, after ordering.
    #[serde(default)]
    pub limit: Option<usize>,
}

/// Which days, both ends included, and how they are cut into periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeRange {
    /// Length of a period.
    pub grain: Grain,
    /// First day in Shanghai.
    pub from: NaiveDate,
    /// Last day in Shanghai.
    pub to: NaiveDate,
}

/// A derived column beside the value of an indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    /// 同比: change against the same period of last year.
    Yoy,
    /// 环比: change against the period before.
    Mom,
    /// 累计: running total since 1 January.
    Cumulative,
    /// 占比: share of the total over the first dimension.
    Share,
    /// 排名: place within the period over the first dimension.
    Rank,
}

impl Compare {
    /// Every comparison, in the order of answer columns.
    pub const ALL: [Self; 5] = [Self::Yoy, Self::Mom, Self::Cumulative, Self::Share, Self::Rank];

    /// All names, for messages.
    pub const NAMES: &'static str = "yoy, mom, cumulative, share, rank";

    /// The name used in definitions, queries and column names.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yoy => "yoy",
            Self::Mom => "mom",
            Self::Cumulative => "cumulative",
            Self::Share => "share",
            Self::Rank => "rank",
        }
    }

    /// The comparison of that name, if there is one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|compare| compare.as_str() == name)
    }

    /// The heading of its column.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Yoy => "同比",
            Self::Mom => "环比",
            Self::Cumulative => "累计",
            Self::Share => "占比",
            Self::Rank => "排名",
        }
    }
}
