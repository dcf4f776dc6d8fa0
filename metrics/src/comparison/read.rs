//! One comparison file: from TOML to a definition, with every mistake named.

use toml::de::DeTable;

use super::{ComparisonDef, SMALLEST_MINIMUM, Statistic};
use crate::definition::reader::{Findings, Page, Reader};
use crate::definition::{DISTRICT, DefinitionError};

const FORMAT: u32 = 1;
/// The one scope there is. It stands in every file so that whoever reads one sees that it is not the caller's.
const SCOPE: &str = "all_districts";

/// Reads one file. `file` is its name: `<id>.toml`.
pub(super) fn read(file: &str, text: &str) -> Result<ComparisonDef, Vec<DefinitionError>> {
    let page = Page { file, text };
    let mut found = Findings::default();
    let (document, syntax) = DeTable::parse_recoverable(text);
    if !syntax.is_empty() {
        let place = |error: &toml::de::Error| error.span().unwrap_or(0..0);
        return Err(syntax
            .iter()
            .map(|error| page.error(&place(error), "", error.message().to_owned()))
            .collect());
    }
    let comparison = definition(file, Reader::root(&page, &document), &mut found);
    match comparison {
        Some(mut comparison) if found.errors.is_empty() => {
            comparison.places = found.places;
            Ok(comparison)
        }
        _ => Err(found.errors),
    }
}

fn definition(file: &str, mut root: Reader<'_>, found: &mut Findings) -> Option<ComparisonDef> {
    let id = file.trim_end_matches(".toml").to_owned();
    if !is_id(&id) {
        root.wrong("", "name the file comparisons/<id>.toml, the id of a-z, 0-9 and _".into(), found);
    }
    let format = root.number("format", found);
    if format.is_some_and(|format| format != FORMAT) {
        root.wrong("format", format!("this program reads format {FORMAT}"), found);
    }
    let version = root.number("version", found);
    if version == Some(0) {
        root.wrong("version", "versions begin at 1".into(), found);
    }
    let title = root.text("title", found);
    let description = root.text("description", found);
    root.word("scope", |word| (word == SCOPE).then_some(()), SCOPE, found);
    let indicator = root.text("indicator", found);
    let persons = root.text("persons", found);
    let statistics = root.words("statistics", Statistic::parse, Statistic::NAMES, found);
    if statistics.is_empty() {
        root.wrong("statistics", format!("name at least one of {}", Statistic::NAMES), found);
    }
    let dimensions = root.texts("dimensions", found);
    if dimensions.iter().any(|dimension| dimension == DISTRICT) {
        root.wrong("dimensions", "districts are what is compared; remove district".into(), found);
    }
    let minimum = root.number("minimum", found);
    if minimum.is_some_and(|minimum| minimum < SMALLEST_MINIMUM) {
        root.wrong("minimum", format!("use {SMALLEST_MINIMUM} or more persons"), found);
    }
    root.finish(found);
    Some(ComparisonDef {
        id,
        version: version?,
        title: title?,
        description: description?,
        indicator: indicator?,
        persons: persons?,
        statistics,
        dimensions,
        minimum: u64::from(minimum?),
        file: file.to_owned(),
        places: Default::default(),
    })
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
