//! Which column of a file answers to which field of a feed: headers of one to three levels, aliases,
//! fallbacks. Two columns for one field are refused, never chosen between.

use rust_decimal::Decimal;

use super::title::{Title, normalise, stated_unit};
use super::total::is_no_data;
use crate::definition::{FieldDef, FieldKind, FileFeed};
use crate::format::{RawRow, TitlePath};
use crate::reason::{Refusal, RefusalReason};
use crate::value::{Cell, Epoch, Zone, narrow};

const LEVELS: usize = 3;
/// Columns that a refusal names.
const NAMED: usize = 5;
/// Characters of a title; what is longer is a text.
const LONGEST_TITLE: usize = 100;

/// Where the fields of a feed are in the rows of a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    pub slots: Vec<Slot>,
    pub titles: Vec<TitlePath>,
    /// Unit of amounts whose own header names none.
    pub factor: Decimal,
    /// Day from which serial numbers count.
    pub epoch: Epoch,
}

/// A field's column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Slot {
    pub field: usize,
    pub column: usize,
    pub factor: Option<Decimal>,
    pub zone: Option<Zone>,
}

/// How well the titles of a table fit a feed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fit {
    pub layout: Layout,
    /// Titles of required fields that have no column.
    pub missing: Vec<String>,
    /// Fields with several columns, and these columns.
    pub ambiguous: Vec<(String, Vec<String>)>,
}

impl Fit {
    pub(super) fn matched(&self) -> usize {
        self.layout.slots.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.missing.is_empty() && self.ambiguous.is_empty()
    }

    /// Better first: complete, then refused for ambiguity, then by matched fields.
    fn rank(&self) -> (bool, bool, usize) {
        (self.is_full(), self.missing.is_empty(), self.matched() + self.ambiguous.len())
    }

    /// Why the table cannot be loaded.
    pub(super) fn refusal(&self, table: &str) -> Refusal {
        let place = if table.is_empty() { String::new() } else { format!("工作表“{table}”") };
        if let Some((field, columns)) = self.ambiguous.first() {
            let detail = format!("{place}有多列都像“{field}”：{}，请只保留一列或改列名", columns.join("、"));
            return Refusal::new(RefusalReason::AmbiguousColumns, detail);
        }
        let detail = format!("{place}缺少必需的列：{}，请补齐后重新送", self.missing.join("、"));
        Refusal::new(RefusalReason::MissingColumns, detail)
    }
}

/// Fits the titles of columns to the feed's fields.
pub(super) fn fit(feed: &FileFeed, titles: &[TitlePath]) -> Fit {
    let columns = known_columns(feed, titles);
    let mut slots = Vec::new();
    let mut ambiguous = Vec::new();
    for (field, def) in feed.fields.iter().enumerate() {
        let found = [&def.aliases, &def.fallback]
            .into_iter()
            .map(|names| columns.iter().filter(|(_, title)| names.contains(&title.name)).collect::<Vec<_>>())
            .find(|found| !found.is_empty())
            .unwrap_or_default();
        match found.as_slice() {
            [] => {}
            [(column, title)] => {
                slots.push(Slot { field, column: *column, factor: title.factor, zone: title.zone })
            }
            several => {
                let shown = several.iter().take(NAMED).map(|(c, _)| titles[*c].join("/")).collect();
                ambiguous.push((def.title.clone(), shown));
            }
        }
    }
    let has = |field: usize| {
        slots.iter().any(|s| s.field == field)
            || ambiguous.iter().any(|(t, _)| *t == feed.fields[field].title)
    };
    let located =
        matches!((feed.roles.longitude, feed.roles.latitude), (Some(x), Some(y)) if has(x) && has(y));
    let missing = feed
        .fields
        .iter()
        .enumerate()
        .filter(|(at, def)| demanded(def) && !has(*at) && !(def.kind == FieldKind::District && located))
        .map(|(_, def)| def.title.clone())
        .collect();
    let layout = Layout { slots, titles: titles.to_vec(), factor: Decimal::ONE, epoch: Epoch::default() };
    Fit { layout, missing, ambiguous }
}

/// Whether a table without this column cannot be loaded.
pub(super) fn demanded(def: &FieldDef) -> bool {
    def.required && !def.column_optional
}

/// Names a column may go by, the most telling first: all levels joined, the two innermost, the innermost alone.
fn candidates(path: &[String]) -> Vec<Title> {
    let filled: Vec<&str> = path.iter().map(String::as_str).filter(|t| !t.is_empty()).collect();
    let mut names: Vec<String> = Vec::new();
    for start in 0..filled.len() {
        names.push(filled[start..].concat());
    }
    // Both levels in one cell: 金额/原价.
    if let Some((_, inner)) =
        filled.last().filter(|t| !t.is_ascii()).and_then(|t| t.rsplit_once(['/', '／', '-', '－']))
    {
        names.push(inner.to_owned());
    }
    let units: Vec<Title> = filled.iter().map(|t| normalise(t)).collect();
    names
        .iter()
        .map(|name| {
            let mut title = normalise(name);
            // A unit on the outer level (金额(万元)/原价) counts for the inner ones.
            title.factor = units.iter().rev().find_map(|u| u.factor);
            title.zone = units.iter().rev().find_map(|u| u.zone);
            title
        })
        .filter(|t| !t.name.is_empty())
        .collect()
}

/// Columns that some field answers to, each with its most telling known name.
fn known_columns(feed: &FileFeed, titles: &[TitlePath]) -> Vec<(usize, Title)> {
    let known = |title: &Title| {
        feed.fields.iter().any(|f| f.aliases.contains(&title.name) || f.fallback.contains(&title.name))
    };
    let named = |path: &TitlePath| candidates(path).into_iter().find(known);
    titles.iter().enumerate().filter_map(|(at, path)| Some((at, named(path)?))).collect()
}

/// A header found among the first rows.
pub(super) struct Found {
    pub fit: Fit,
    /// Index of the first row after the header.
    pub data: usize,
    /// Fields in the header row.
    pub width: usize,
}

/// Looks for the header among the first rows; `None` when no row matches any field.
pub(super) fn search(feed: &FileFeed, rows: &[RawRow]) -> Option<Found> {
    let mut best: Option<Found> = None;
    for start in 0..rows.len().min(feed.header_depth) {
        for levels in 1..=LEVELS.min(rows.len() - start) {
            let fit = fit(feed, &title_paths(&rows[start..start + levels]));
            if fit.matched() + fit.ambiguous.len() == 0 {
                continue;
            }
            // Fewer levels and earlier rows win ties: a data row under the header adds nothing. Only a row of bare
            // words without a key (金额, 金额, 金额 under 原价, 优惠, 实付) is still part of the header.
            let better = best.as_ref().is_none_or(|b| {
                let inner = b.data == start + levels - 1 && only_words(feed, &fit, &rows[b.data]);
                fit.rank() > b.fit.rank() || fit.rank() == b.fit.rank() && inner
            });
            if better {
                let width = rows[start..start + levels].iter().map(|r| r.cells.len()).max().unwrap_or(0);
                best = Some(Found { fit, data: start + levels, width });
            }
        }
    }
    best
}

fn only_words(feed: &FileFeed, fit: &Fit, row: &RawRow) -> bool {
    let key =
        fit.layout.slots.iter().find(|s| s.field == feed.roles.key).and_then(|s| row.cells.get(s.column));
    let word = |c: &Cell| {
        matches!(c, Cell::Empty)
            || matches!(c, Cell::Text(t) if !narrow(t).contains(|c: char| c.is_ascii_digit()))
    };
    row.fault.is_none()
        && !row.is_blank()
        && key.is_none_or(Cell::is_empty)
        && row.cells.iter().all(word)
        && !is_no_data(&row.cells)
}

/// The unit stated in the rows above the data.
pub(super) fn unit_above(rows: &[RawRow]) -> Result<Option<Decimal>, Refusal> {
    let mut found = None;
    for text in
        rows.iter().flat_map(|r| &r.cells).filter_map(|c| if let Cell::Text(t) = c { Some(t) } else { None })
    {
        match stated_unit(text) {
            None => {}
            Some(Ok(factor)) => found = Some(factor),
            Some(Err(word)) => {
                let detail = format!("金额单位“{word}”无法换算成人民币元，请改用元后重新送");
                return Err(Refusal::new(RefusalReason::UnknownUnit, detail));
            }
        }
    }
    Ok(found)
}

/// Names of columns from header rows. Outer levels reach right over empty cells (merged cells keep their text
/// in the first one); the innermost does not.
fn title_paths(rows: &[RawRow]) -> Vec<TitlePath> {
    let width = rows.iter().map(|r| r.cells.len()).max().unwrap_or(0);
    let mut paths: Vec<TitlePath> = vec![Vec::new(); width];
    let text = |row: &RawRow, column: usize| match row.cells.get(column) {
        Some(Cell::Text(text)) => text.trim().chars().take(LONGEST_TITLE).collect(),
        _ => String::new(),
    };
    for (level, row) in rows.iter().enumerate() {
        let innermost = level + 1 == rows.len();
        let mut carried = String::new();
        for (column, path) in paths.iter_mut().enumerate() {
            let own = text(row, column);
            if !own.is_empty() {
                carried.clone_from(&own);
                path.push(own);
            } else if !innermost && rows[level + 1..].iter().any(|r| !text(r, column).is_empty()) {
                path.push(carried.clone());
            }
        }
    }
    paths
}

/// Whether a row repeats the header, as printed tables do on every page.
pub(super) fn repeats(layout: &Layout, row: &RawRow) -> bool {
    let mut equal = 0;
    for (column, cell) in row.cells.iter().enumerate().filter(|(_, c)| !c.is_empty()) {
        let Cell::Text(text) = cell else { return false };
        let name = normalise(text).name;
        if !layout.titles.get(column).is_some_and(|path| path.iter().any(|t| normalise(t).name == name)) {
            return false;
        }
        equal += 1;
    }
    equal >= 2
}
