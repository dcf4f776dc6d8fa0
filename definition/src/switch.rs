//! A file that lies over another and only switches it off: `off = true`.

use toml::de::DeTable;

use super::document::Report;
use super::error::DefinitionError;
use super::sources::SourceFile;

/// What a file says about switching off.
pub(crate) enum Switch {
    /// Nothing: it is a definition.
    Absent,
    /// The definition below is off.
    Off,
    /// Something that cannot be meant.
    Wrong(DefinitionError),
}

pub(crate) fn read(file: &SourceFile) -> Switch {
    // What is no TOML is said when the definition is read.
    let Ok(table) = DeTable::parse(&file.text) else { return Switch::Absent };
    let Some((key, value)) = table.get_ref().get_key_value("off") else { return Switch::Absent };
    if value.get_ref().as_bool() == Some(true) && table.get_ref().len() == 1 {
        return Switch::Off;
    }
    let report = Report::new(&file.shown, &file.text);
    Switch::Wrong(report.error(&key.span(), "off", "停用时此文件只写 off = true；要改定义请删去 off"))
}
