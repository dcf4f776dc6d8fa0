//! Turns one comparison file into a definition and notes every mistake in it.

use pujiang_definition::{INDICATORS, Places, Section, SourceFile};

use super::{ComparisonDef, SMALLEST_MINIMUM, Statistic};
use crate::definition::{DISTRICT, named};

const FORMAT: i64 = 1;
/// The one scope there is. It stands in every file so that whoever reads one sees that it is not the caller's.
const SCOPE: &str = "all_districts";

/// Reads one file. The places of its keys are not known before its end, and come to the definition then.
pub(super) fn definition(file: &SourceFile, root: &Section<'_>) -> Option<ComparisonDef> {
    if !is_id(&file.id) {
        root.wrong("", "文件名请写成 <id>.toml，id 只用 a-z、0-9 和 _");
    }
    root.format(FORMAT);
    let version = root.required_whole("version", 1..=u32::MAX);
    let title = root.required_text("title");
    let description = root.required_text("description");
    root.required_word("scope", &[(SCOPE, ())]);
    let indicator = named(root, "indicator", &INDICATORS);
    let persons = named(root, "persons", &INDICATORS);
    let statistics = root.words("statistics", &Statistic::ALL.map(|one| (one.as_str(), one)));
    if statistics.is_empty() {
        root.wrong("statistics", "请至少写一个，例如 [\"average\"]");
    }
    let dimensions = dimensions(root);
    let minimum = minimum(root);
    Some(ComparisonDef {
        id: file.id.clone(),
        version: version?.value,
        title: title?.value,
        description: description?.value,
        indicator: indicator?,
        persons: persons?,
        statistics,
        dimensions,
        minimum: u64::from(minimum?),
        places: Places::default(),
    })
}

fn dimensions(root: &Section<'_>) -> Vec<String> {
    let dimensions = root.distinct_texts("dimensions");
    for dimension in dimensions.iter().filter(|dimension| dimension.value == DISTRICT) {
        root.wrong_at(dimension, "对比本来就是各区之间的，请删去 district");
    }
    dimensions.into_iter().map(|dimension| dimension.value).collect()
}

/// A minimum that is too small is none: no definition that would tell of fewer persons is ever made.
fn minimum(root: &Section<'_>) -> Option<u32> {
    let minimum = root.required_whole("minimum", 0..=u32::MAX)?;
    if minimum.value < SMALLEST_MINIMUM {
        root.wrong_at(&minimum, format!("请写 {SMALLEST_MINIMUM} 人或更多"));
        return None;
    }
    Some(minimum.value)
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
