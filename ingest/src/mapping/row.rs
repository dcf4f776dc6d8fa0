//! One row against the contract: every field is read, every rule tried, and the first reason in the
//! contract's order is the row's reason.

use chrono::{NaiveDateTime, TimeDelta};
use pujiang_security::DistrictCode;

use super::header::{Layout, Slot};
use super::record::{Operation, Record, Value};
use crate::definition::{FieldDef, FieldKind, FileFeed, Rule};
use crate::district::{Districts, NamedDistrict};
use crate::format::RawRow;
use crate::reason::Reason;
use crate::value::{self, Cell};

/// A row's first reason and the sentence for people; it names fields and never values.
pub(super) type Problem = (Reason, String);

/// Reads a row; the smallest reason when it does not fit. `now` is Shanghai wall clock.
pub(super) fn read(
    feed: &FileFeed,
    layout: &Layout,
    row: &RawRow,
    now: NaiveDateTime,
) -> Result<Record, Problem> {
    let mut reader = Reader { feed, layout, row, problems: Vec::new() };
    if let Some(fault) = row.fault {
        return Err((fault, fault.label().to_owned()));
    }
    if row.cells.iter().any(|c| matches!(c, Cell::Garbled(_))) {
        reader.problems.push((Reason::BadEncoding, Reason::BadEncoding.label().to_owned()));
    }
    let operation = reader.operation();
    let needed = |field: usize| {
        operation == Operation::Upsert
            || field == feed.roles.key
            || Some(field) == feed.roles.version
            || Some(field) == feed.roles.operation
    };
    let mut values: Vec<Option<Value>> = vec![None; feed.fields.len()];
    for (field, def) in feed.fields.iter().enumerate() {
        // A delete says which record and which version; the rest of its row does not matter.
        if needed(field)
            && !matches!(def.kind, FieldKind::District | FieldKind::Longitude | FieldKind::Latitude)
        {
            values[field] = reader.field(field, def);
        }
    }
    let district = reader.district(operation);
    if operation == Operation::Upsert {
        reader.rules(&values, now);
    }
    if let Some(problem) = reader.problems.into_iter().min_by_key(|(reason, _)| *reason) {
        return Err(problem);
    }
    let version = match feed.roles.version.and_then(|at| values[at].as_ref()) {
        Some(Value::Integer(version)) => *version,
        _ => 0,
    };
    if let (Some(at), Some(named)) = (feed.roles.district, district) {
        values[at] = Some(Value::Text(named.today().as_str().to_owned()));
    }
    let place = feed.place.as_ref().and_then(|place| match &values[place.time] {
        Some(Value::Time(time)) => district.map(|named| named.on(time.date())),
        _ => None,
    });
    let Some(Value::Text(key)) = values[feed.roles.key].clone() else {
        return Err((Reason::RequiredMissing, Reason::RequiredMissing.label().to_owned()));
    };
    let district = district.map_or(DistrictCode::CITY, NamedDistrict::today);
    Ok(Record { key, version, operation, district, place, values })
}

struct Reader<'a> {
    feed: &'a FileFeed,
    layout: &'a Layout,
    row: &'a RawRow,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn slot(&self, field: usize) -> Option<Slot> {
        self.layout.slots.iter().find(|s| s.field == field).copied()
    }

    fn cell(&self, field: usize) -> &Cell {
        self.slot(field).and_then(|s| self.row.cells.get(s.column)).unwrap_or(&Cell::Empty)
    }

    fn problem(&mut self, reason: Reason, def: &FieldDef) {
        self.problems.push((reason, format!("{}：{}", def.title, reason.label())));
    }

    fn operation(&mut self) -> Operation {
        let Some(at) = self.feed.roles.operation else { return Operation::Upsert };
        match value::code(self.cell(at), &self.feed.fields[at].codes) {
            Ok(Some(code)) if code == "delete" => Operation::Delete,
            // An operation nobody knows is reported by `field`; until then every check of an upsert applies.
            _ => Operation::Upsert,
        }
    }

    fn field(&mut self, field: usize, def: &FieldDef) -> Option<Value> {
        let slot = self.slot(field);
        let cell = self.cell(field);
        let read = match def.kind {
            FieldKind::Identifier => value::identifier(cell, def.letters).map(|v| v.map(Value::Text)),
            FieldKind::Text => {
                Ok(Some(value::narrow(&cell.shown())).filter(|t| !value::is_missing(t)).map(Value::Text))
            }
            FieldKind::Code | FieldKind::Operation => {
                value::code(cell, &def.codes).map(|v| v.map(Value::Text))
            }
            FieldKind::Time => {
                let zone = slot.and_then(|s| s.zone).unwrap_or(self.feed.zone);
                value::local_time(cell, zone, self.layout.epoch).map(|v| v.map(Value::Time))
            }
            FieldKind::Amount if is_nothing(cell) => Ok(None),
            FieldKind::Amount => {
                let factor = slot.and_then(|s| s.factor).unwrap_or(self.layout.factor);
                value::amount(cell, factor).map(|v| Some(Value::Amount(v)))
            }
            FieldKind::Integer if is_nothing(cell) => Ok(None),
            FieldKind::Integer => value::integer(cell).map(|v| Some(Value::Integer(v))),
            FieldKind::District | FieldKind::Longitude | FieldKind::Latitude => Ok(None),
        };
        match read {
            Ok(Some(value)) => Some(value),
            Ok(None) => {
                // A column that is there but empty in this row is not the same as a column nobody sends.
                let absent = slot.is_none() && def.column_optional;
                match &def.default {
                    Some(default) if absent || !def.required => default_value(def, default),
                    _ if def.required && !absent => {
                        self.problem(Reason::RequiredMissing, def);
                        None
                    }
                    _ => None,
                }
            }
            Err(reason) => {
                self.problem(reason, def);
                None
            }
        }
    }

    fn district(&mut self, operation: Operation) -> Option<NamedDistrict> {
        let at = self.feed.roles.district?;
        let def = &self.feed.fields[at];
        let districts = Districts::shared();
        let cell = self.cell(at);
        let shown = cell.shown();
        let found = if !is_nothing(cell) {
            districts.named(&shown).ok_or(Reason::UnknownDistrict)
        } else {
            self.point().and_then(|point| match point {
                Some((x, y)) => districts.at(x, y).ok_or(Reason::UnknownDistrict),
                None => Err(Reason::RequiredMissing),
            })
        };
        match found {
            Ok(named) => Some(named),
            Err(_) if operation == Operation::Delete => None,
            Err(Reason::RequiredMissing) if !def.required => None,
            Err(reason) => {
                self.problem(reason, def);
                None
            }
        }
    }

    fn point(&self) -> Result<Option<(f64, f64)>, Reason> {
        let (Some(x), Some(y)) = (self.feed.roles.longitude, self.feed.roles.latitude) else {
            return Ok(None);
        };
        let (x, y) = (self.cell(x), self.cell(y));
        if is_nothing(x) || is_nothing(y) {
            return Ok(None);
        }
        Ok(Some((value::degrees(x)?, value::degrees(y)?)))
    }

    fn rules(&mut self, values: &[Option<Value>], now: NaiveDateTime) {
        let amount = |at: usize| if let Some(Value::Amount(v)) = &values[at] { Some(*v) } else { None };
        for rule in &self.feed.rules {
            match rule {
                Rule::NonNegative(field) => {
                    if amount(*field).is_some_and(|v| v.is_sign_negative() && !v.is_zero()) {
                        self.problem(Reason::NegativeAmount, &self.feed.fields[*field]);
                    }
                }
                Rule::NotInFuture { field, tolerance_minutes } => {
                    let limit = now.checked_add_signed(TimeDelta::minutes(*tolerance_minutes)).unwrap_or(now);
                    if matches!(&values[*field], Some(Value::Time(t)) if *t > limit) {
                        self.problem(Reason::TimeInFuture, &self.feed.fields[*field]);
                    }
                }
                Rule::Difference { whole, minus, equals } => {
                    if let (Some(w), Some(m), Some(e)) = (amount(*whole), amount(*minus), amount(*equals))
                        && w - m != e
                    {
                        self.problem(Reason::AmountsDoNotAddUp, &self.feed.fields[*equals]);
                    }
                }
            }
        }
    }
}

fn is_nothing(cell: &Cell) -> bool {
    match cell {
        Cell::Empty => true,
        Cell::Text(text) => value::is_missing(&value::narrow(text)),
        _ => false,
    }
}

fn default_value(def: &FieldDef, default: &str) -> Option<Value> {
    match def.kind {
        FieldKind::Integer => default.parse().ok().map(Value::Integer),
        _ => Some(Value::Text(default.to_owned())),
    }
}
