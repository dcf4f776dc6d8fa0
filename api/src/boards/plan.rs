//! From a tile and the chosen filters to questions for the metrics engine. Pure: no engine, no clock.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use pujiang_metrics::{Compare, Grain, IndicatorDef, MetricsQuery, TimeRange};

use super::definition::{TileDef, TileKind};
use super::period::BoardPeriod;

/// What the reader of a board has chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// The member chosen of each dimension.
    pub members: BTreeMap<String, String>,
}

/// The questions of one tile.
#[derive(Debug, Clone, Default)]
pub struct TilePlan {
    /// Asked together; more than one when the indicators know different comparisons.
    pub queries: Vec<MetricsQuery>,
    /// What gives the row of the whole of a table.
    pub wholes: Vec<MetricsQuery>,
    /// The filters in force for this tile.
    pub filters: BTreeMap<String, Vec<String>>,
    /// Chosen filters the tile does not follow, because it is split by them.
    pub ignored: Vec<String>,
    /// Titles of indicators a chosen filter cannot be applied to. They are left out rather than shown unfiltered.
    pub left_out: Vec<String>,
    /// Indicators nobody defines.
    pub unknown: Vec<String>,
}

/// The questions of a tile for a period and a choice.
pub fn plan(tile: &TileDef, period: BoardPeriod, choice: &Choice, indicators: &[IndicatorDef]) -> TilePlan {
    let mut plan = TilePlan::default();
    for (dimension, member) in &choice.members {
        // A tile split by a dimension is where its member is chosen: it goes on showing all of them, and says so.
        if tile.dimension.as_ref() == Some(dimension) {
            plan.ignored.push(dimension.clone());
        } else {
            plan.filters.insert(dimension.clone(), vec![member.clone()]);
        }
    }
    let mut groups: IndexMap<Vec<Compare>, Vec<String>> = IndexMap::new();
    for id in &tile.indicators {
        let Some(indicator) = indicators.iter().find(|indicator| indicator.id == *id) else {
            plan.unknown.push(id.clone());
            continue;
        };
        let unfit = |dimension: &String| !indicator.dimensions.contains(dimension);
        if plan.filters.keys().any(unfit) {
            plan.left_out.push(indicator.title.clone());
            continue;
        }
        groups.entry(comparisons(tile, indicator)).or_default().push(id.clone());
    }
    let span = period.back(tile.grain, tile.periods);
    // A dimension tile sums the asked time up; one over time shows each period.
    let grain = if over_time(tile) { tile.grain } else { single(tile.grain) };
    for (compare, ids) in groups {
        plan.queries.push(MetricsQuery {
            order: order(tile, &ids),
            indicators: ids,
            dimensions: tile.dimension.iter().cloned().collect(),
            time: TimeRange { grain, from: span.from, to: span.to },
            filters: plan.filters.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
            compare,
            limit: tile.limit.map(|limit| limit as usize),
        });
    }
    if tile.kind == TileKind::Table && tile.dimension.is_some() && !over_time(tile) {
        plan.wholes = plan.queries.iter().map(undivided).collect();
    }
    plan
}

/// The same question about all members together: nobody is a part of a whole there, or before others.
fn undivided(query: &MetricsQuery) -> MetricsQuery {
    let stands = |compare: &Compare| !matches!(compare, Compare::Share | Compare::Rank);
    MetricsQuery {
        dimensions: Vec::new(),
        compare: query.compare.iter().copied().filter(stands).collect(),
        order: Vec::new(),
        limit: None,
        ..query.clone()
    }
}

/// The comparisons of the tile this indicator knows.
fn comparisons(tile: &TileDef, indicator: &IndicatorDef) -> Vec<Compare> {
    tile.compare.iter().copied().filter(|compare| indicator.derived.contains(compare)).collect()
}

fn over_time(tile: &TileDef) -> bool {
    tile.dimension.is_none() || tile.periods > 1
}

/// The board's month as one bucket; a month stays a month so that 环比 means the month before.
fn single(grain: Grain) -> Grain {
    if grain == Grain::Day { Grain::Total } else { grain }
}

fn order(tile: &TileDef, ids: &[String]) -> Vec<String> {
    match (tile.kind, ids.first()) {
        (TileKind::Ranking | TileKind::Composition, Some(first)) => vec![format!("-{first}")],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boards::BoardDefinitions;
    use pujiang_metrics::IndicatorDefinitions;

    fn tile(id: &str) -> TileDef {
        let boards = BoardDefinitions::builtin().expect("boards");
        let board = boards.get("benefit").expect("benefit");
        board.tiles.iter().find(|tile| tile.id == id).expect("tile").clone()
    }

    fn choice(members: &[(&str, &str)]) -> Choice {
        let owned = |(dimension, member): &(&str, &str)| ((*dimension).to_owned(), (*member).to_owned());
        Choice { members: members.iter().map(owned).collect() }
    }

    fn planned(id: &str, choice: &Choice) -> TilePlan {
        let indicators = IndicatorDefinitions::builtin().expect("indicators");
        let period =
            BoardPeriod::choose(Some("2026-10"), "2026-11-22".parse().expect("date")).expect("period");
        plan(&tile(id), period, choice, indicators.all())
    }

    #[test]
    fn a_figure_asks_thirteen_months() {
        let plan = planned("transactions", &Choice::default());
        assert_eq!(plan.queries.len(), 1);
        let query = &plan.queries[0];
        assert_eq!(query.time.from.to_string(), "2025-10-01");
        assert_eq!(query.time.to.to_string(), "2026-10-31");
        assert_eq!(query.time.grain, Grain::Month);
        assert!(query.dimensions.is_empty());
    }

    #[test]
    fn a_district_filter_narrows_figures_but_not_the_ranking_of_districts() {
        let choice = choice(&[("district", "310104")]);
        assert_eq!(planned("transactions", &choice).queries[0].filters["district"], ["310104"]);
        let ranking = planned("district_ranking", &choice);
        assert!(ranking.filters.is_empty());
        assert_eq!(ranking.queries[0].order, ["-S1-U03"]);
    }

    #[test]
    fn page_7_a_tile_split_by_what_is_chosen_says_that_it_shows_all() {
        let choice = choice(&[("category", "文旅")]);
        let composition = planned("by_category", &choice);
        assert!(composition.queries[0].filters.is_empty());
        assert_eq!(composition.ignored, ["category"]);
        assert_eq!(planned("by_mode", &choice).ignored, Vec::<String>::new());
    }

    /// Each indicator of the table has its whole, whether or not the board has a card of it.
    #[test]
    fn a_table_of_districts_asks_for_the_row_of_all_of_them() {
        let choice = choice(&[("district", "310104")]);
        let plan = planned("district_table", &choice);
        let asked = |queries: &[MetricsQuery]| {
            queries.iter().map(|query| query.indicators.clone()).collect::<Vec<_>>()
        };
        assert_eq!(asked(&plan.wholes), asked(&plan.queries));
        assert!(asked(&plan.wholes).concat().contains(&"S1-P09A".to_owned()));
        for query in &plan.wholes {
            assert!(query.dimensions.is_empty() && query.filters.is_empty() && query.order.is_empty());
            assert_eq!(query.compare, [Compare::Yoy]);
        }
        assert!(planned("district_ranking", &choice).wholes.is_empty());
    }

    #[test]
    fn what_cannot_be_filtered_is_left_out_and_said() {
        let choice = choice(&[("category", "文旅")]);
        let plan = planned("district_map", &choice);
        for query in &plan.queries {
            assert_eq!(query.filters["category"], ["文旅"]);
        }
        assert_eq!(plan.left_out, ["优待用户注册数"], "a kind of service is no kind of holder");
        assert!(planned("registered", &choice).queries.is_empty());
    }
}
