//! Summary sentences of a report, written in its definition as patterns and filled with figures.
//! `{period}` `{scope}` `{S1-U03}` `{S1-U03.mom}` `{S1-U03.yoy}` `{S1-U03.cumulative}`
//! `{top 3 district S1-U03}` `{rise district S1-U03}` `{fall district S1-U03}`; nothing is computed here.

use crate::data::{Cell, ReportData, ValueKind};
use crate::text::number;

/// A pattern taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Period,
    Scope,
    Figure { indicator: String, form: Form },
    Groups { pick: Pick, section: String, indicator: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Value,
    Mom,
    Yoy,
    Cumulative,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pick {
    Top(usize),
    Rise,
    Fall,
}

/// What a pattern mentions, for the check against definition and dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mention<'a> {
    /// An indicator of the overview.
    Indicator(&'a str),
    /// An indicator of a breakdown section.
    Breakdown(&'a str, &'a str),
}

impl Sentence {
    /// Takes a pattern apart.
    ///
    /// # Errors
    /// The placeholder that means nothing, in words.
    pub fn parse(pattern: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once('{') {
            let (inside, tail) = after.split_once('}').ok_or_else(|| "“{” without “}”".to_owned())?;
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(placeholder(inside)?);
            rest = tail;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// Indicators and sections the pattern needs.
    pub fn mentions(&self) -> impl Iterator<Item = Mention<'_>> {
        self.parts.iter().filter_map(|part| match part {
            Part::Figure { indicator, .. } => Some(Mention::Indicator(indicator)),
            Part::Groups { section, indicator, .. } => Some(Mention::Breakdown(section, indicator)),
            Part::Text(_) | Part::Period | Part::Scope => None,
        })
    }

    /// The sentence for these figures; `None` when it compares groups and there are not two to compare.
    #[must_use]
    pub fn fill(&self, data: &ReportData) -> Option<String> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Period => out.push_str(&data.period.label),
                Part::Scope => out.push_str(&data.scope.short),
                Part::Figure { indicator, form } => out.push_str(&figure(data, indicator, *form)?),
                Part::Groups { pick, section, indicator } => {
                    out.push_str(&groups(data, *pick, section, indicator)?)
                }
            }
        }
        Some(out)
    }
}

fn placeholder(text: &str) -> Result<Part, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let groups = |pick, section: &str, indicator: &str| Part::Groups {
        pick,
        section: section.to_owned(),
        indicator: indicator.to_owned(),
    };
    match words.as_slice() {
        ["period"] => Ok(Part::Period),
        ["scope"] => Ok(Part::Scope),
        ["top", count, section, indicator] => match count.parse() {
            Ok(count @ 1..=9) => Ok(groups(Pick::Top(count), section, indicator)),
            _ => Err(format!("“{{{text}}}”: write a number from 1 to 9 after top")),
        },
        ["rise", section, indicator] => Ok(groups(Pick::Rise, section, indicator)),
        ["fall", section, indicator] => Ok(groups(Pick::Fall, section, indicator)),
        [one] => {
            let (indicator, form) = one.split_once('.').unwrap_or((one, ""));
            let form = match form {
                "" => Form::Value,
                "mom" => Form::Mom,
                "yoy" => Form::Yoy,
                "cumulative" => Form::Cumulative,
                other => return Err(format!("“{{{text}}}”: “{other}” is none of mom, yoy, cumulative")),
            };
            Ok(Part::Figure { indicator: indicator.to_owned(), form })
        }
        _ => Err(format!("“{{{text}}}” is no placeholder; see docs/how-to/add-a-report.md")),
    }
}

fn figure(data: &ReportData, id: &str, form: Form) -> Option<String> {
    let facts = data.indicator(id)?;
    let row = data.figure(id)?;
    Some(match form {
        Form::Value => number::with_unit(row.current, facts),
        Form::Cumulative => number::with_unit(row.cumulative, facts),
        Form::Mom => moved("环比", row.mom),
        Form::Yoy => moved("同比", row.yoy),
    })
}

/// `环比增长3.2%`, `同比下降0.4%`, `环比持平`, `同比无可比数据`.
fn moved(word: &str, ratio: Option<f64>) -> String {
    let text = number::change(ratio);
    match text.strip_prefix('+') {
        Some(size) => format!("{word}增长{size}"),
        None if text == number::MISSING => format!("{word}无可比数据"),
        None if text == "0.0%" => format!("{word}持平"),
        None => format!("{word}下降{}", text.trim_start_matches('-')),
    }
}

fn groups(data: &ReportData, pick: Pick, section: &str, id: &str) -> Option<String> {
    let facts = data.indicator(id)?;
    let cells = data.breakdown(section)?.ranked(id);
    if cells.iter().filter(|c| c.value.is_some()).count() < 2 {
        return None;
    }
    let extreme = |prefer: fn(f64, f64) -> bool| {
        let with_change = cells.iter().filter_map(|c| c.yoy.map(|yoy| (yoy, *c)));
        with_change.reduce(|best, next| if prefer(next.0, best.0) { next } else { best })
    };
    match pick {
        Pick::Top(count) => {
            let named = cells.iter().filter(|c| c.value.is_some()).take(count);
            Some(
                named
                    .map(|cell| top_item(cell, &number::with_unit(cell.value, facts), facts.kind))
                    .collect::<Vec<_>>()
                    .join("、"),
            )
        }
        Pick::Rise => extreme(|next, best| next > best).map(|(yoy, cell)| change_item(cell, yoy)),
        Pick::Fall => extreme(|next, best| next < best).map(|(yoy, cell)| change_item(cell, yoy)),
    }
}

fn top_item(cell: &Cell, value: &str, kind: ValueKind) -> String {
    match cell.share.filter(|_| kind != ValueKind::Percent) {
        Some(share) => format!("{}（{value}，占{}）", cell.label, number::share(Some(share))),
        None => format!("{}（{value}）", cell.label),
    }
}

fn change_item(cell: &Cell, yoy: f64) -> String {
    format!("{}（{}）", cell.label, number::change(Some(yoy)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture;

    fn fill(pattern: &str, data: &ReportData) -> Option<String> {
        Sentence::parse(pattern).expect("a pattern").fill(data)
    }

    #[test]
    fn figures_become_words() {
        let data = fixture::city();
        let filled = |pattern: &str| fill(pattern, &data).expect("filled");
        assert_eq!(
            filled("{period}{scope}交易{S1-U03}，{S1-U03.mom}，{S1-U03.yoy}。"),
            "2026年10月全市交易22.35万笔，环比增长3.2%，同比增长12.5%。"
        );
        assert_eq!(filled("{S1-U04}，{S1-U04.mom}"), "93.21%，环比持平");
        assert_eq!(filled("{S1-B06.yoy}；{S1-P09.mom}"), "同比下降4.1%；环比无可比数据");
        assert_eq!(
            filled("前两位：{top 2 district S1-U03}"),
            "前两位：浦东新区（5.02万笔，占22.5%）、闵行区（2.59万笔，占11.6%）"
        );
        assert_eq!(
            filled("{rise district S1-U03}，{fall district S1-U03}"),
            "崇明区（+24.0%），黄浦区（-6.0%）"
        );
    }

    #[test]
    fn one_district_alone_is_not_ranked() {
        assert_eq!(fill("{top 3 district S1-U03}", &fixture::district()), None);
    }

    #[test]
    fn wrong_placeholders_say_what_is_wrong() {
        for (pattern, word) in [
            ("{S1-U03", "without"),
            ("{S1-U03.max}", "max"),
            ("{top x district S1-U03}", "1 to 9"),
            ("{a b c}", "placeholder"),
        ] {
            let message = Sentence::parse(pattern).expect_err(pattern);
            assert!(message.contains(word), "{message}");
        }
    }
}
