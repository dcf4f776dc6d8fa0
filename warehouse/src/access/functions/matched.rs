//! `regexp_match`: what the groups of a pattern hold, with NULL for a group that took no part; the engine leaves those out,
//! and later ones move up. `regexp_substr`: all that matches.

use std::sync::Arc;

use arrow::array::{ListBuilder, StringArray, StringBuilder};
use arrow::datatypes::{DataType, Field};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs};
use regex::Regex;

use super::plain::{Plain, answer, field, is_text, refused, texts};

pub(super) fn functions() -> [Plain; 2] {
    let list = |_: &ReturnFieldArgs| {
        let texts = DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)));
        Ok(field("regexp_match", texts))
    };
    let text = |_: &ReturnFieldArgs| Ok(field("regexp_substr", DataType::Utf8));
    [Plain::new("regexp_match", patterned, list, groups), Plain::new("regexp_substr", two_texts, text, whole)]
}

fn patterned(types: &[DataType]) -> Result<Vec<DataType>> {
    match types {
        [_, _] | [_, _, _] if types.iter().all(is_text) => Ok(vec![DataType::Utf8; types.len()]),
        _ => plan_err!("regexp_match 需要文字和正则表达式，可以再写选项"),
    }
}

fn two_texts(types: &[DataType]) -> Result<Vec<DataType>> {
    match types {
        [_, _] if types.iter().all(is_text) => Ok(vec![DataType::Utf8; 2]),
        _ => plan_err!("regexp_substr 需要文字和正则表达式；不支持更多参数"),
    }
}

fn groups(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let (given, patterns) = (texts(args, 0)?, texts(args, 1)?);
    let options = match args.args.len() {
        3 => Some(texts(args, 2)?),
        _ => None,
    };
    let mut lists = ListBuilder::new(StringBuilder::new());
    let mut known = Known::default();
    for (row, (text, pattern)) in given.iter().zip(patterns.iter()).enumerate() {
        let options = options.as_ref().map_or(Some(""), |options| options.iter().nth(row).flatten());
        let (Some(text), Some(pattern), Some(options)) = (text, pattern, options) else {
            lists.append_null();
            continue;
        };
        let regex = known.regex(pattern, options)?;
        match regex.captures(text) {
            None => lists.append_null(),
            Some(found) => {
                // Where there are no groups, all that matches is the only one.
                let first = usize::from(regex.captures_len() > 1);
                lists.append_value(found.iter().skip(first).map(|group| group.map(|group| group.as_str())));
            }
        }
    }
    answer(args, Arc::new(lists.finish()))
}

fn whole(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let (given, patterns) = (texts(args, 0)?, texts(args, 1)?);
    let mut known = Known::default();
    let one = |(text, pattern): (Option<&str>, Option<&str>)| match (text, pattern) {
        (Some(text), Some(pattern)) => {
            Ok(known.regex(pattern, "")?.find(text).map(|found| found.as_str().to_owned()))
        }
        _ => Ok(None),
    };
    let found = given.iter().zip(patterns.iter()).map(one).collect::<Result<StringArray>>()?;
    answer(args, Arc::new(found))
}

/// The pattern of the row before: all rows have one.
#[derive(Default)]
struct Known(Option<(String, Regex)>);

impl Known {
    fn regex(&mut self, pattern: &str, options: &str) -> Result<&Regex> {
        if options.contains('g') {
            return refused("regexp_match 只取第一处匹配，不支持选项 g");
        }
        let written = match options {
            "" => pattern.to_owned(),
            options => format!("(?{options}){pattern}"),
        };
        let last = self.0.take().filter(|(last, _)| *last == written);
        let last = match last {
            Some(last) => last,
            None => match Regex::new(&written) {
                Ok(regex) => (written, regex),
                Err(_) => return refused(format!("正则表达式不成立：{pattern:.60}")),
            },
        };
        Ok(&self.0.insert(last).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_that_took_no_part_keeps_its_place() {
        let mut known = Known::default();
        let regex = known.regex(r"^(\+86)?(1[0-9]{10})$", "").expect("pattern");
        let found = regex.captures("13812345678").expect("match");
        let groups: Vec<_> = found.iter().skip(1).map(|group| group.map(|group| group.as_str())).collect();
        assert_eq!(groups, [None, Some("13812345678")]);
        assert!(known.regex("a", "g").is_err() && known.regex("(", "").is_err());
    }
}
