//! Where the rows of a file come from: scope in words, version, who took them out. A workbook says it on a sheet of its
//! own, so that the rows themselves stay a plain table; the name of every file carries the scope.

use rust_xlsxwriter::{Format, Worksheet, XlsxError};

use crate::auth::Caller;
use crate::clock::shanghai_now;

/// Characters of a text that still fit a cell.
const LONGEST: usize = 16_000;

/// What is known of the rows of a file.
#[derive(Debug)]
pub struct Provenance {
    person: String,
    at: String,
    scope: String,
    /// Versions of what was read.
    pub data_version: String,
    /// How many rows.
    pub rows: usize,
    /// What was asked, with its title.
    pub asked: (&'static str, String),
}

impl Provenance {
    /// Rows taken out now by this caller.
    pub fn of(caller: &Caller, data_version: String, rows: usize, asked: (&'static str, String)) -> Self {
        let principal = caller.principal();
        Self {
            person: format!("{}（{}）", principal.name(), principal.account()),
            at: shanghai_now(),
            scope: principal.scope().label(),
            data_version,
            rows,
            asked,
        }
    }

    /// Name of the file: what, whose rows, which day.
    pub fn file_name(&self, title: &str, extension: &str) -> String {
        // A list of many districts would be longer than a name may be.
        let scope: String = match self.scope.char_indices().nth(24) {
            Some((end, _)) => format!("{}等", &self.scope[..end]),
            None => self.scope.clone(),
        };
        format!("{title}_{scope}_{}.{extension}", self.at.get(..10).unwrap_or_default())
    }

    /// Fills a sheet with it.
    pub fn describe(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let head = Format::new().set_bold();
        let text = Format::new().set_num_format("@").set_text_wrap();
        sheet.set_name("说明")?;
        sheet.set_column_width(0, 12)?;
        sheet.set_column_width(1, 90)?;
        let at = self.at.get(..19).unwrap_or(&self.at).replace('T', " ");
        let asked: String = self.asked.1.chars().take(LONGEST).collect();
        let lines = [
            ("数据范围", self.scope.clone()),
            ("数据版本", self.data_version.clone()),
            ("行数", self.rows.to_string()),
            ("导出时间", format!("{at}（上海时间）")),
            ("导出人", self.person.clone()),
            ("脱敏", "个人信息按导出人的角色脱敏：部分字符、假名（同值同号）或不含该列".to_owned()),
            (self.asked.0, asked),
        ];
        for (row, (name, value)) in (0_u32..).zip(lines) {
            sheet.write_string_with_format(row, 0, name, &head)?;
            sheet.write_string_with_format(row, 1, value, &text)?;
        }
        Ok(())
    }
}
