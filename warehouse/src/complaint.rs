//! The engine's complaints about a statement, in words for whoever wrote it. What it says of columns becomes a sentence
//! with the nearest names; sentences of our own functions lose what the engine wrapped around them; the engine's English
//! gets a sentence before it (`engine`).

mod engine;

use datafusion::common::{Column, SchemaError};
use datafusion::error::DataFusionError;

/// Letters of a complaint.
const LONGEST: usize = 600;

/// Names of columns that are told.
const NAMES: usize = 8;

/// What the engine writes before a message, by the kind of its error.
const KINDS: [&str; 4] =
    ["Execution error: ", "Error during planning: ", "External error: ", "Arrow error: "];

/// The sentence for an error that is the statement's fault.
pub(crate) fn said(error: &DataFusionError) -> String {
    let said = match error.find_root() {
        DataFusionError::SchemaError(cause, _) => about_schema(cause),
        _ => None,
    };
    said.unwrap_or_else(|| plain(&error.strip_backtrace()))
}

/// A message without what it was wrapped in, if it is one of ours.
pub(crate) fn plain(text: &str) -> String {
    let text = unquoted(text).unwrap_or_else(|| text.to_owned());
    // The innermost is the message; what stands before it tells of the engine's rules.
    let inner = text.rsplit("caused by\n").next().unwrap_or(&text);
    let bare = KINDS.iter().find_map(|kind| inner.strip_prefix(kind)).unwrap_or(inner);
    let is_ours = bare.chars().next().is_some_and(|letter| !letter.is_ascii());
    match is_ours {
        true => bare.chars().take(LONGEST).collect(),
        false => engine::translated(&inner.chars().take(LONGEST).collect::<String>()),
    }
}

/// The message of an error that was written as Rust writes its values: `Execution("…")`.
fn unquoted(text: &str) -> Option<String> {
    let mut inner =
        ["Execution(\"", "Plan(\"", "NotImplemented(\""].iter().filter_map(|kind| text.split_once(kind));
    let (_, rest) = inner.next()?;
    let mut message = String::new();
    let mut letters = rest.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return Some(message),
            '\\' => match letters.next()? {
                'n' | 't' | 'r' => message.push(' '),
                other => message.push(other),
            },
            other => message.push(other),
        }
    }
    None
}

fn about_schema(cause: &SchemaError) -> Option<String> {
    match cause {
        SchemaError::FieldNotFound { field, valid_fields } => Some(no_column(field, valid_fields)),
        SchemaError::AmbiguousReference { field } => {
            let name = field.name();
            Some(format!("列“{name}”在几张表中都有，请写明是哪张表的，例如 表名.{name}"))
        }
        _ => None,
    }
}

fn no_column(field: &Column, known: &[Column]) -> String {
    let wanted = field.name().to_lowercase();
    let mut names: Vec<(usize, &str)> = known
        .iter()
        .map(|column| (distance(&wanted, &column.name().to_lowercase()), column.name()))
        .collect();
    // The nearest first; of equally near ones in the order of their table.
    names.sort_by_key(|(distance, _)| *distance);
    let mut told: Vec<&str> = Vec::new();
    for (_, name) in names {
        if !told.contains(&name) && told.len() < NAMES {
            told.push(name);
        }
    }
    let missing = format!("没有列“{}”", field.flat_name());
    match told.as_slice() {
        [] => format!("{missing}，请核对列名和所在的表"),
        names => format!("{missing}，可用的列有：{}", names.join("、")),
    }
}

/// Letters to add, take away or change.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, letter) in from.chars().enumerate() {
        let mut before = row[0];
        row[0] = line + 1;
        for (at, other) in to.iter().enumerate() {
            let change = before + usize::from(letter != *other);
            before = row[at + 1];
            row[at + 1] = change.min(before + 1).min(row[at] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_column_is_told_with_the_nearest() {
        let known: Vec<Column> =
            ["txn_no", "pay_time", "amount", "discount"].map(|name| Column::new(Some("t"), name)).to_vec();
        let missing = |name: &str, known: &[Column]| {
            let field = Box::new(Column::from_name(name));
            let cause = SchemaError::FieldNotFound { field, valid_fields: known.to_vec() };
            said(&DataFusionError::SchemaError(Box::new(cause), Box::new(None)))
        };
        assert_eq!(missing("amont", &known), "没有列“amont”，可用的列有：amount、txn_no、discount、pay_time");
        assert!(missing("实付金额", &known).starts_with("没有列“实付金额”，可用的列有："));
        assert_eq!(missing("x", &[]), "没有列“x”，请核对列名和所在的表");
    }

    #[test]
    fn our_sentences_lose_their_wrapping() {
        for (text, want) in [
            ("Execution(\"日期或时间超出范围：\\\"x\\\"\")", "日期或时间超出范围：\"x\""),
            ("Execution error: 日期或时间超出范围", "日期或时间超出范围"),
            (
                "Optimizer rule 'simplify_expressions' failed\ncaused by\nExecution error: 步长不能为零",
                "步长不能为零",
            ),
            (
                "Optimizer rule 'x' failed\ncaused by\nArrow error: Divide by zero error",
                "计算中出现除以零，可把分母写成 nullif(分母, 0)（Divide by zero error）",
            ),
        ] {
            assert_eq!(plain(text), want);
        }
    }
}
