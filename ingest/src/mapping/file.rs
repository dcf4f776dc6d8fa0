//! A whole file: chooses the reading and the sheets, skips what is no data, maps every row.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::header::{self, Fit, Layout};
use super::record::Record;
use super::row;
use super::total::is_no_data;
use crate::definition::{FieldKind, FileFeed};
use crate::format::bounds::too_large;
use crate::format::{Dialect, RawRow, Reading, Table, TitlePath, Titles};
use crate::reason::{Reason, Refusal, RefusalReason};
use crate::value::{self, Cell, Epoch, Zone};

/// So many renamed columns still make a header; a summary lacks more.
const RENAMED: usize = 2;
/// Quarantined rows of one file. More than that, and nobody will look at them one by one: the file itself is wrong.
const MOST_REJECTED: usize = 100_000;
/// Bytes of them with the titles each keeps.
const MOST_KEPT: usize = 256 << 20;

/// What a file holds for a feed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MappedFile {
    /// Data rows: blank rows, totals, footers and headers not counted.
    pub rows_in: usize,
    /// What was left out, in words for people.
    pub notes: Vec<String>,
    /// Rows that fit, in the order of the file.
    pub records: Vec<Record>,
    /// Rows that do not.
    pub rejected: Vec<Rejected>,
}

/// A row that goes to quarantine.
#[derive(Debug, Clone, PartialEq)]
pub struct Rejected {
    /// Sheet or other part of the file, from 0.
    pub part: usize,
    /// Line or row number in it.
    pub number: u64,
    /// Why.
    pub reason: Reason,
    /// The same for people; names fields, never values.
    pub detail: String,
    /// Original bytes.
    pub raw: Vec<u8>,
    /// What is needed to read the bytes again.
    pub context: RowContext,
}

/// What is needed to read a row again apart from its file. Holds no personal data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RowContext {
    /// How the text was read.
    pub dialect: Dialect,
    /// Titles of the columns.
    pub titles: Vec<TitlePath>,
    /// Unit of amounts stated above the table.
    pub factor: Decimal,
    /// How many fields a row must have; any number when absent.
    pub width: Option<usize>,
}

/// Rows of one table with their layouts.
struct Data {
    part: usize,
    layouts: Vec<Layout>,
    rows: Vec<RawRow>,
    width: Option<usize>,
    /// Stand-in for rows that could not be read far enough to have a layout.
    fallback: Layout,
}

/// Maps a file. `now` is Shanghai wall clock.
pub fn map_file(
    feed: &FileFeed,
    readings: impl IntoIterator<Item = Result<Reading, Refusal>>,
    now: NaiveDateTime,
) -> Result<MappedFile, Refusal> {
    let mut refused: Option<(usize, Refusal)> = None;
    for reading in readings {
        // What is too large in one reading is what people must know, unless another one fits.
        let chosen = reading.map_err(|refusal| (usize::MAX, refusal)).and_then(|mut reading| {
            let (dialect, notes) = (reading.dialect, std::mem::take(&mut reading.notes));
            Ok((choose(feed, reading)?, dialect, notes))
        });
        match chosen {
            Ok((tables, dialect, notes)) => return map(feed, tables, dialect, notes, now),
            Err((matched, refusal)) => {
                if refused.as_ref().is_none_or(|(best, _)| matched > *best) {
                    refused = Some((matched, refusal));
                }
            }
        }
    }
    Err(refused
        .map_or_else(|| Refusal::new(RefusalReason::EmptyFile, "文件里没有数据"), |(_, refusal)| refusal))
}

/// Reads one quarantined row again with the present definition of its feed.
pub fn map_again(
    feed: &FileFeed,
    raw: &[u8],
    context: &RowContext,
    now: NaiveDateTime,
) -> Result<Record, (Reason, String)> {
    let mut row = feed.format.read_row(raw, &context.dialect);
    check_width(&mut row, context.width);
    let fit = header::fit(feed, &context.titles);
    row::read(feed, &laid_out(fit, context), &row, now)
}

/// Where the fields of a row are that was kept with its context.
pub(super) fn laid_out(fit: Fit, context: &RowContext) -> Layout {
    Layout { factor: context.factor, epoch: context.dialect.epoch, ..fit.layout }
}

/// The tables of a reading that hold data; otherwise how many fields the best one matched, and why not.
fn choose(feed: &FileFeed, reading: Reading) -> Result<Vec<Data>, (usize, Refusal)> {
    let strict = reading.dialect.delimiter.is_some();
    let mut data = Vec::new();
    let mut headless: Option<String> = None;
    let mut best: Option<(Fit, String)> = None;
    for (part, table) in reading.tables.into_iter().enumerate() {
        if table.titles == Titles::Search && table.rows.iter().all(RawRow::is_blank) {
            continue;
        }
        let (name, holds_data) = (table.name.clone(), table.rows.iter().any(looks_like_data));
        let fits = match table.titles.clone() {
            Titles::Named(lists) => named(feed, part, table, &lists),
            Titles::Search => searched(feed, part, table, strict, reading.dialect.epoch)?,
        };
        match fits {
            Ok(found) => data.push(found),
            // Rows like the partner's, or all but the whole header: a data sheet that cannot be read as it is.
            Err(Some(fit)) if holds_data || fit.missing.len() <= RENAMED => {
                return Err((fit.matched(), fit.refusal(&name)));
            }
            Err(Some(fit)) => {
                if best.as_ref().is_none_or(|(b, _)| fit.matched() > b.matched()) {
                    best = Some((fit, name));
                }
            }
            Err(None) if holds_data => {
                headless.get_or_insert(name);
            }
            Err(None) => {}
        }
    }
    match (data.is_empty(), headless) {
        (false, None) => Ok(data),
        (false, Some(name)) => {
            let detail = format!("工作表“{name}”有数据但没有认得出的表头，请补上表头或删去该表后重新送");
            Err((feed.fields.len(), Refusal::new(RefusalReason::MissingColumns, detail)))
        }
        (true, _) => {
            let (fit, name) = best.unwrap_or_else(|| (header::fit(feed, &[]), String::new()));
            Err((fit.matched(), fit.refusal(&name)))
        }
    }
}

/// Whether a row is like a record: a point in time beside a long identifier. Notes and summaries are not.
fn looks_like_data(row: &RawRow) -> bool {
    let time = |cell: &Cell| match cell {
        Cell::Wall(_) => true,
        Cell::Text(text) => {
            text.contains(['-', '/', '年', '.'])
                && matches!(value::local_time(cell, Zone::Utc, Epoch::default()), Ok(Some(_)))
        }
        _ => false,
    };
    let identifier = |cell: &Cell| match cell {
        Cell::Text(text) => text.bytes().filter(u8::is_ascii_digit).count() >= 12 && !time(cell),
        Cell::Float(number) | Cell::Shown { number, .. } => *number >= 1e11,
        _ => false,
    };
    row.cells.iter().any(time) && row.cells.iter().any(identifier)
}

type Chosen = Result<Data, Option<Fit>>;

fn searched(
    feed: &FileFeed,
    part: usize,
    table: Table,
    strict: bool,
    epoch: Epoch,
) -> Result<Chosen, (usize, Refusal)> {
    let Some(found) = header::search(feed, &table.rows) else { return Ok(Err(None)) };
    if found.data > 0 && table.rows[found.data - 1].fault == Some(Reason::WrongColumnCount) {
        return Err((usize::MAX, too_large(format!("表头多于 {} 列", found.width - 1))));
    }
    if !found.fit.is_full() {
        return Ok(Err(Some(found.fit)));
    }
    let mut layout = Layout { epoch, ..found.fit.layout };
    let mut rows = table.rows;
    let data = rows.split_off(found.data);
    layout.factor = header::unit_above(&rows).map_err(|r| (layout.slots.len(), r))?.unwrap_or(Decimal::ONE);
    let width = strict.then(|| width(found.width, &data));
    Ok(Ok(Data { part, fallback: layout.clone(), layouts: vec![layout], rows: data, width }))
}

/// Number of fields a CSV row must have. An export that ends every row with the same empty fields lost nothing.
fn width(header: usize, rows: &[RawRow]) -> usize {
    let mut widths = rows.iter().filter(|r| !r.is_blank() && r.fault.is_none() && !is_no_data(&r.cells));
    let Some(first) = widths.next().map(|r| r.cells.len()) else { return header };
    let padded = |r: &RawRow| r.cells.len() == first && r.cells[header..].iter().all(Cell::is_empty);
    let all = first > header
        && rows.iter().filter(|r| !r.is_blank() && r.fault.is_none() && !is_no_data(&r.cells)).all(padded);
    if all { first } else { header }
}

/// Tables whose format names the columns. A field must be in some row's shape; rows that lack it are judged
/// one by one.
fn named(feed: &FileFeed, part: usize, table: Table, lists: &[Vec<TitlePath>]) -> Chosen {
    let fits: Vec<Fit> = lists.iter().map(|titles| header::fit(feed, titles)).collect();
    if let Some(ambiguous) = fits.iter().find(|f| !f.ambiguous.is_empty()) {
        return Err(Some(ambiguous.clone()));
    }
    let mut missing = fits
        .iter()
        .map(|f| f.missing.clone())
        .reduce(|a, b| a.into_iter().filter(|m| b.contains(m)).collect());
    if deletes_only(feed, &table.rows, &fits) {
        let key = &feed.fields[feed.roles.key].title;
        missing = missing.map(|m| m.into_iter().filter(|t| t == key).collect());
    }
    let widest = fits.iter().max_by_key(|f| f.matched()).cloned();
    match (missing, widest) {
        (Some(missing), Some(widest)) if missing.is_empty() => {
            let fallback = widest.layout;
            Ok(Data {
                part,
                layouts: fits.into_iter().map(|f| f.layout).collect(),
                rows: table.rows,
                width: None,
                fallback,
            })
        }
        (Some(missing), Some(widest)) => Err(Some(Fit { missing, ..widest })),
        _ => Err(None),
    }
}

fn deletes_only(feed: &FileFeed, rows: &[RawRow], fits: &[Fit]) -> bool {
    let Some(at) = feed.fields.iter().position(|f| f.kind == FieldKind::Operation) else { return false };
    !rows.is_empty()
        && rows.iter().filter(|r| r.fault.is_none()).all(|row| {
            let slot = fits.get(row.shape).and_then(|f| f.layout.slots.iter().find(|s| s.field == at));
            let cell = slot.and_then(|s| row.cells.get(s.column)).unwrap_or(&Cell::Empty);
            matches!(value::code(cell, &feed.fields[at].codes), Ok(Some(code)) if code == "delete")
        })
}

fn check_width(row: &mut RawRow, width: Option<usize>) {
    if row.fault.is_none() && width.is_some_and(|w| w != row.cells.len()) {
        row.fault = Some(Reason::WrongColumnCount);
    }
}

fn map(
    feed: &FileFeed,
    tables: Vec<Data>,
    dialect: Dialect,
    notes: Vec<String>,
    now: NaiveDateTime,
) -> Result<MappedFile, Refusal> {
    let mut mapped = MappedFile { notes, ..MappedFile::default() };
    let (mut no_data, mut kept) = (0, 0);
    for table in tables {
        for mut row in table.rows {
            let layout = if row.fault.is_some() {
                &table.fallback
            } else {
                table.layouts.get(row.shape).unwrap_or(&table.fallback)
            };
            if row.fault.is_none() {
                if row.is_blank() {
                    continue;
                }
                if is_no_data(&row.cells) || header::repeats(layout, &row) {
                    no_data += 1;
                    continue;
                }
            }
            mapped.rows_in += 1;
            check_width(&mut row, table.width);
            match row::read(feed, layout, &row, now) {
                Ok(record) => mapped.records.push(record),
                Err((reason, detail)) => {
                    let number = row.number;
                    let raw = row.into_original();
                    kept += raw.len() + layout.titles.iter().flatten().map(String::len).sum::<usize>();
                    let context = RowContext {
                        dialect,
                        titles: layout.titles.clone(),
                        factor: layout.factor,
                        width: table.width,
                    };
                    mapped.rejected.push(Rejected { part: table.part, number, reason, detail, raw, context });
                }
            }
            if mapped.rejected.len() > MOST_REJECTED || kept > MOST_KEPT {
                return Err(too_many(&mapped.rejected));
            }
        }
    }
    if no_data > 0 {
        mapped.notes.push(format!("合计、表尾和重复的表头 {no_data} 行不是数据，未计入"));
    }
    Ok(mapped)
}

fn too_many(rejected: &[Rejected]) -> Refusal {
    let mut by_reason: BTreeMap<Reason, usize> = BTreeMap::new();
    for row in rejected {
        *by_reason.entry(row.reason).or_default() += 1;
    }
    let most = by_reason.iter().max_by_key(|(_, rows)| **rows).map_or("", |(reason, _)| reason.label());
    let rows = rejected.len() - 1;
    let detail = format!("文件中不合约定的行多于 {rows}（多为：{most}），请核对文件后重新送");
    Refusal::new(RefusalReason::TooManyBadRows, detail)
}
