//! Asks each crate's loader, then compares what loaded: indicators with tables, feeds with tables; reports, boards and
//! comparisons with indicators. The error types of the crates have the same parts but are their own.

use std::path::Path;

use pujiang_ingest::FeedDefinitions;
use pujiang_metrics::{ComparisonDefinitions, IndicatorDefinitions};
use pujiang_reports::ReportDefinitions;
use pujiang_transactional::Definitions;
use pujiang_warehouse::Catalog;

use super::Finding;
use super::references::{BOARDS, COMPARISONS, FEEDS, INDICATORS, REPORTS, RESOURCES, TABLES};
use crate::boards::BoardDefinitions;

/// Makes findings of a crate's errors; `$folder` goes in front of file names that are relative to it.
macro_rules! findings {
    ($folder:expr, $errors:expr) => {
        $errors.into_iter().map(|error| Finding {
            file: placed($folder, &error.file),
            line: error.line,
            col: error.col,
            key: error.key,
            message: error.message,
        })
    };
}

/// What one room's loader gave.
macro_rules! loaded {
    ($folder:expr, $result:expr, $into:expr) => {
        match $result {
            Ok(definitions) => Some(definitions),
            Err(errors) => {
                $into.extend(findings!($folder, errors));
                None
            }
        }
    };
}

/// Everything wrong with the definitions built in.
pub fn builtin() -> Vec<Finding> {
    let mut found = Vec::new();
    loaded!(RESOURCES, Definitions::builtin(), found);
    let tables = loaded!(TABLES, Catalog::builtin(), found);
    let feeds = loaded!(FEEDS, FeedDefinitions::builtin(), found);
    let indicators = loaded!(INDICATORS, IndicatorDefinitions::builtin(), found);
    let comparisons = loaded!(COMPARISONS, ComparisonDefinitions::builtin(), found);
    let reports = loaded!(REPORTS, ReportDefinitions::builtin(), found);
    let boards = loaded!(BOARDS, BoardDefinitions::builtin(), found);
    compare(tables.as_deref(), feeds.as_ref(), indicators.as_ref(), reports.as_ref(), &mut found);
    compare_comparisons(tables.as_deref(), indicators.as_ref(), comparisons.as_ref(), &mut found);
    if let (Some(boards), Some(indicators)) = (boards, indicators) {
        found.extend(board_dimensions(&boards, &indicators));
    }
    found
}

/// Everything wrong with each room's definitions under a root.
pub fn tree(root: &Path) -> Vec<Finding> {
    let mut found = Vec::new();
    let at = |folder: &str| root.join(folder);
    loaded!(RESOURCES, Definitions::load_from(&at(RESOURCES)), found);
    let tables = loaded!(TABLES, Catalog::load_from(&at(TABLES)), found);
    let feeds = loaded!(FEEDS, FeedDefinitions::load_from(&at(FEEDS)), found);
    let indicators = loaded!(INDICATORS, IndicatorDefinitions::load_from(&at(INDICATORS)), found);
    let comparisons = loaded!(COMPARISONS, ComparisonDefinitions::load_from(&at(COMPARISONS)), found);
    let reports = loaded!(REPORTS, ReportDefinitions::load_from(&at(REPORTS)), found);
    let (boards, errors) = BoardDefinitions::read_from(&at(BOARDS));
    found.extend(findings!(BOARDS, errors));
    compare(tables.as_deref(), feeds.as_ref(), indicators.as_ref(), reports.as_ref(), &mut found);
    compare_comparisons(tables.as_deref(), indicators.as_ref(), comparisons.as_ref(), &mut found);
    if let Some(indicators) = &indicators {
        found.extend(board_dimensions(&boards, indicators));
    }
    for finding in &mut found {
        let root = format!("{}/", root.display().to_string().trim_end_matches('/'));
        if let Some(below) = finding.file.strip_prefix(&root) {
            finding.file = below.to_owned();
        }
    }
    found
}

fn compare(
    tables: Option<&Catalog>,
    feeds: Option<&FeedDefinitions>,
    indicators: Option<&IndicatorDefinitions>,
    reports: Option<&ReportDefinitions>,
    found: &mut Vec<Finding>,
) {
    if let (Some(tables), Some(feeds)) = (tables, feeds) {
        found.extend(findings!(FEEDS, feeds.check_against(tables)));
    }
    if let (Some(tables), Some(indicators)) = (tables, indicators)
        && let Err(errors) = indicators.check_against(tables)
    {
        found.extend(findings!(INDICATORS, errors));
    }
    if let (Some(indicators), Some(reports)) = (indicators, reports) {
        found.extend(findings!(REPORTS, reports.check_against(indicators.all())));
    }
}

/// Comparisons against the indicators they name, and the columns behind these.
fn compare_comparisons(
    tables: Option<&Catalog>,
    indicators: Option<&IndicatorDefinitions>,
    comparisons: Option<&ComparisonDefinitions>,
    found: &mut Vec<Finding>,
) {
    if let (Some(tables), Some(indicators), Some(comparisons)) = (tables, indicators, comparisons)
        && let Err(errors) = comparisons.check_against(indicators, tables)
    {
        found.extend(findings!(COMPARISONS, errors));
    }
}

/// Tiles that name an indicator nobody defines, or split one by a dimension it does not have.
fn board_dimensions(boards: &BoardDefinitions, indicators: &IndicatorDefinitions) -> Vec<Finding> {
    let mut found = Vec::new();
    for (file, one) in boards.uses() {
        let message = match (indicators.get(&one.indicator), &one.dimension) {
            (None, _) => format!("没有指标“{}”，请改名或在 {INDICATORS} 下补上定义", one.indicator),
            (Some(known), Some(dimension)) if !known.dimensions.contains(dimension) => {
                format!(
                    "指标“{}”不能按 {dimension} 分，可用的维度有 {}",
                    one.indicator,
                    known.dimensions.join("、")
                )
            }
            _ => continue,
        };
        let file = placed(BOARDS, file);
        found.push(Finding {
            file,
            line: one.line,
            col: one.col,
            key: "tile.indicators".to_owned(),
            message,
        });
    }
    found
}

/// Loaders name files relative to their folder, below their crate, or in full.
fn placed(folder: &str, file: &str) -> String {
    if Path::new(file).is_absolute() || file.contains(&format!("{folder}/")) || file.ends_with(folder) {
        return file.to_owned();
    }
    let last = folder.rsplit('/').next().unwrap_or(folder);
    match file.strip_prefix(&format!("{last}/")) {
        Some(below) => format!("{folder}/{below}"),
        None => format!("{folder}/{file}").trim_end_matches('/').to_owned(),
    }
}
