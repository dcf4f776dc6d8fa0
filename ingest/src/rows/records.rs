//! Records of a file feed as rows of its lake table: masks and pseudonyms instead of personal identifiers,
//! constants of the feed, time of loading.

use arrow::error::ArrowError;
use chrono::NaiveDateTime;
use pujiang_security::{FieldCipher, MaskKind, mask};
use pujiang_warehouse::{Change, DISTRICT_COLUMN, TableDef};

use super::{LOADED_AT, LakeValue, batch, blank};
use crate::definition::FileFeed;
use crate::mapping::{Operation, Record, Value};

/// What turns records into rows.
pub(crate) struct Lakewards<'a> {
    pub feed: &'a FileFeed,
    pub table: &'a TableDef,
    pub cipher: &'a FieldCipher,
    /// Shanghai wall clock of the load.
    pub now: NaiveDateTime,
}

/// The change that stores these records.
pub(crate) fn change(to: &Lakewards<'_>, records: &[Record]) -> Result<Change, ArrowError> {
    let (deletes, upserts): (Vec<&Record>, Vec<&Record>) =
        records.iter().partition(|r| r.operation == Operation::Delete);
    let mut change = Change::default();
    if !upserts.is_empty() {
        change.upserts.push(batch(to.table, &upserts, |record, column| to.value(record, column))?);
    }
    if !deletes.is_empty() {
        change.deletes.push(batch(to.table, &deletes, |record, column| to.delete_value(record, column))?);
    }
    Ok(change)
}

impl Lakewards<'_> {
    fn value(&self, record: &Record, column: &str) -> Option<LakeValue> {
        if let Some(fixed) = self.fixed(record, column) {
            return Some(fixed);
        }
        if let Some(constant) = self.feed.set.get(column) {
            return Some(LakeValue::Text(constant.clone()));
        }
        for (def, value) in self.feed.fields.iter().zip(&record.values) {
            match &def.protect {
                Some(protect) if protect.token == column => {
                    let Some(Value::Text(clear)) = value else { return None };
                    return Some(LakeValue::Text(self.cipher.pseudonym(&protect.domain, clear)));
                }
                Some(_) if def.name == column => {
                    let Some(Value::Text(clear)) = value else { return None };
                    return Some(LakeValue::Text(mask(MaskKind::CardNumber, clear)));
                }
                _ if def.name == column => {
                    return value.as_ref().map(|v| match v {
                        Value::Text(t) => LakeValue::Text(t.clone()),
                        Value::Amount(d) => LakeValue::Decimal(*d),
                        Value::Integer(i) => LakeValue::Integer(*i),
                        Value::Time(t) => LakeValue::Time(*t),
                    });
                }
                _ => {}
            }
        }
        None
    }

    /// Columns the engine fills for every record.
    fn fixed(&self, record: &Record, column: &str) -> Option<LakeValue> {
        if column == self.table.key {
            return Some(LakeValue::Text(record.key.clone()));
        }
        if self.table.version.as_deref() == Some(column) {
            return Some(LakeValue::Integer(record.version));
        }
        if self.feed.place.as_ref().is_some_and(|place| place.column == column) {
            return record.place.map(|code| LakeValue::Text(code.to_owned()));
        }
        match column {
            DISTRICT_COLUMN => Some(LakeValue::Text(record.district.as_str().to_owned())),
            LOADED_AT => Some(LakeValue::Time(self.now)),
            _ => None,
        }
    }

    fn delete_value(&self, record: &Record, column: &str) -> Option<LakeValue> {
        let def = self.table.column(column)?;
        self.fixed(record, column).or_else(|| (!def.nullable).then(|| blank(def.kind)))
    }
}
