//! Summary sentences of a report, written in its definition as patterns and filled with figures.
//! `{period}` `{scope}` `{S1-U03}` `{S1-U03.title}` `{S1-U03.mom}` `{S1-U03.yoy}` `{S1-U03.cumulative}`
//! `{top 3 district S1-U03}` `{rise district S1-U03}` `{fall district S1-U03}`; nothing is computed here. Who is named
//! among the first, or as the highest and the lowest, is decided in `standing`.

use crate::data::{Cell, Change, ReportData, ValueKind};
use crate::text::clauses::Clauses;
use crate::text::number;
use crate::text::standing::{self, Extremes, First};

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
    Title,
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
            let (inside, tail) = after.split_once('}').ok_or_else(|| "“{”后面缺少“}”，请补上".to_owned())?;
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

    /// The sentence for these figures, without the clauses whose figure is missing; `None` when it compares groups and
    /// there are not two to compare, or when none of its figures is there. The remarks of the report say why.
    #[must_use]
    pub fn fill(&self, data: &ReportData) -> Option<String> {
        let value = |part: &Part| match part {
            Part::Figure { indicator, form: Form::Value } => Some(data.figure(indicator)?.current.is_some()),
            _ => None,
        };
        let values: Vec<bool> = self.parts.iter().filter_map(value).collect();
        if !values.is_empty() && !values.contains(&true) {
            return None;
        }
        let mut clauses = Clauses::default();
        for part in &self.parts {
            match part {
                Part::Text(text) => clauses.text(text),
                Part::Period => clauses.say(&data.period.label),
                Part::Scope => clauses.say(&data.scope.short),
                Part::Figure { indicator, form } => {
                    clauses.say(&figure(data, indicator, *form)?);
                    if is_missing(data, indicator, *form) {
                        clauses.leave_out();
                    }
                }
                Part::Groups { pick, section, indicator } => {
                    clauses.say(&groups(data, *pick, section, indicator)?)
                }
            }
        }
        Some(clauses.joined())
    }
}

/// Whether a clause would say nothing: its figure is not there, or nothing is that could have moved.
fn is_missing(data: &ReportData, id: &str, form: Form) -> bool {
    let Some(row) = data.figure(id) else { return false };
    match form {
        Form::Title => false,
        Form::Value | Form::Mom | Form::Yoy => row.current.is_none(),
        Form::Cumulative => row.cumulative.is_none(),
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
            _ => Err(format!("“{{{text}}}”中 top 后面请写 1 到 9 的数字")),
        },
        ["rise", section, indicator] => Ok(groups(Pick::Rise, section, indicator)),
        ["fall", section, indicator] => Ok(groups(Pick::Fall, section, indicator)),
        [one] => {
            let (indicator, form) = one.split_once('.').unwrap_or((one, ""));
            let form = match form {
                "" => Form::Value,
                "title" => Form::Title,
                "mom" => Form::Mom,
                "yoy" => Form::Yoy,
                "cumulative" => Form::Cumulative,
                other => {
                    return Err(format!("“{{{text}}}”中没有“{other}”，可用的有 title、mom、yoy、cumulative"));
                }
            };
            Ok(Part::Figure { indicator: indicator.to_owned(), form })
        }
        _ => Err(format!("“{{{text}}}”不是占位符，可用的见 docs/how-to/add-a-report.md")),
    }
}

fn figure(data: &ReportData, id: &str, form: Form) -> Option<String> {
    let facts = data.indicator(id)?;
    if form == Form::Title {
        return Some(facts.title.clone());
    }
    let row = data.figure(id)?;
    Some(match form {
        Form::Value | Form::Title => number::with_unit(row.current, facts),
        Form::Cumulative => number::with_unit(row.cumulative, facts),
        Form::Mom => moved("环比", row.mom),
        Form::Yoy => moved("同比", row.yoy),
    })
}

/// `环比增长3.2%`, `同比下降0.4%`, `同比上升1.25百分点`, `环比持平`, `同比无可比数据`.
fn moved(word: &str, change: Option<Change>) -> String {
    let Some(change) = change else { return format!("{word}无可比数据") };
    let way = match (number::arrow(Some(change)), change) {
        ("▲", Change::Part(_)) => "增长",
        ("▲", Change::Points(_)) => "上升",
        ("▼", _) => "下降",
        _ => return format!("{word}持平"),
    };
    format!("{word}{way}{}", number::size(change))
}

fn groups(data: &ReportData, pick: Pick, section: &str, id: &str) -> Option<String> {
    let facts = data.indicator(id)?;
    let section = data.breakdown(section)?;
    let cells = section.ranked(id);
    if cells.iter().filter(|c| c.value.is_some()).count() < 2 {
        return None;
    }
    let value = |cell: &Cell| number::with_unit(cell.value, facts);
    let group = &section.dimension_title;
    match pick {
        Pick::Top(count) => {
            let First { clear, tied, place } = standing::first(&cells, count)?;
            let mut named: Vec<String> =
                clear.iter().map(|cell| top_item(cell, &value(cell), facts.kind)).collect();
            match tied.as_slice() {
                [] => {}
                few if few.len() <= standing::NAMED => named.push(format!(
                    "{}并列第{place}",
                    few.iter()
                        .map(|cell| top_item(cell, &value(cell), facts.kind))
                        .collect::<Vec<_>>()
                        .join("、")
                )),
                many => named.push(format!(
                    "{}个{group}并列第{place}（各{}）",
                    many.len(),
                    many.first().map(|cell| value(cell)).unwrap_or_default()
                )),
            }
            Some(named.join("、"))
        }
        Pick::Rise | Pick::Fall => {
            let Extremes { highest, lowest } = standing::extremes(&cells)?;
            let named = if pick == Pick::Rise { highest } else { lowest };
            let change = number::change(named.first()?.yoy);
            Some(match named.as_slice() {
                [only] => format!("{}（{change}）", only.label),
                few if few.len() <= standing::NAMED => {
                    let labels: Vec<&str> = few.iter().map(|cell| cell.label.as_str()).collect();
                    format!("{}（均为{change}）", labels.join("、"))
                }
                many => format!("{}个{group}（均为{change}）", many.len()),
            })
        }
    }
}

fn top_item(cell: &Cell, value: &str, kind: ValueKind) -> String {
    match cell.share.filter(|_| kind != ValueKind::Percent) {
        Some(share) => format!("{}（{value}，占{}）", cell.label, number::share(Some(share))),
        None => format!("{}（{value}）", cell.label),
    }
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
        assert_eq!(filled("{S1-U04.title}{S1-U04}，{S1-U04.mom}"), "用户认证率93.21%，环比上升0.02百分点");
        assert_eq!(filled("{S1-P10.yoy}；{S1-P01.mom}"), "同比下降2.00百分点；环比持平");
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

    /// The fixture with these transactions and changes of districts, the others without any.
    fn with_districts(values: &[(&str, i64, &str)]) -> ReportData {
        let mut data = fixture::city();
        for cell in data.breakdowns[0].cells.iter_mut().filter(|cell| cell.indicator == "S1-U03") {
            let found = values.iter().find(|(label, ..)| *label == cell.label);
            cell.value = Some(found.map_or(0, |(_, value, _)| *value).into());
            cell.yoy = found.and_then(|(.., change)| change.parse().ok()).map(Change::Part);
            cell.share = None;
        }
        data
    }

    #[test]
    fn right_answer_22_ties_are_named_and_noughts_are_not() {
        let top = |values: &[(&str, i64, &str)]| fill("{top 3 district S1-U03}", &with_districts(values));
        assert_eq!(
            top(&[("黄浦区", 5, ""), ("徐汇区", 4, ""), ("长宁区", 3, ""), ("静安区", 3, "")]).as_deref(),
            Some("黄浦区（5笔）、徐汇区（4笔）、长宁区（3笔）、静安区（3笔）并列第3")
        );
        assert_eq!(
            top(&[("黄浦区", 5, ""), ("徐汇区", 4, "")]).as_deref(),
            Some("黄浦区（5笔）、徐汇区（4笔）"),
            "a district with nothing is not among the first"
        );
        let many = ["徐汇区", "长宁区", "静安区", "普陀区", "虹口区", "杨浦区"].map(|label| (label, 1, ""));
        let mut values = vec![("黄浦区", 5, "")];
        values.extend(many);
        assert_eq!(top(&values).as_deref(), Some("黄浦区（5笔）、6个区并列第2（各1笔）"));
        assert_eq!(top(&[]), None);
    }

    #[test]
    fn right_answer_22_one_member_is_not_both_the_highest_and_the_lowest() {
        let both = |values: &[(&str, i64, &str)]| {
            fill("{rise district S1-U03}；{fall district S1-U03}", &with_districts(values))
        };
        assert_eq!(both(&[("黄浦区", 5, "0.1"), ("徐汇区", 4, "")]), None);
        assert_eq!(both(&[("黄浦区", 5, "0.1"), ("徐汇区", 4, "0.1001")]), None, "alike as they are shown");
        assert_eq!(
            both(&[("黄浦区", 5, "0.1"), ("徐汇区", 4, "-0.2"), ("长宁区", 4, "0.1")]).as_deref(),
            Some("黄浦区、长宁区（均为+10.0%）；徐汇区（-20.0%）")
        );
    }

    #[test]
    fn page_7_a_sentence_without_a_figure_is_not_said() {
        let mut data = fixture::city();
        data.figures.iter_mut().for_each(|figure| figure.current = None);
        assert_eq!(fill("{scope}交易{S1-U03}，{S1-U03.mom}。", &data), None);
        assert!(fill("{period}。", &data).is_some());
    }

    #[test]
    fn a_clause_whose_figure_is_missing_is_left_out() {
        let mut data = fixture::city();
        for figure in &mut data.figures {
            if ["S1-U08", "S1-U01", "S1-B02"].contains(&figure.indicator.as_str()) {
                (figure.current, figure.cumulative) = (None, None);
            }
        }
        let filled = |pattern: &str| fill(pattern, &data).expect("filled");
        assert_eq!(
            filled("{S1-U02.title}{S1-U02}；{S1-U04.title}{S1-U04}，{S1-U08.title}{S1-U08}。"),
            "优待用户认证数441人；用户认证率93.21%。"
        );
        assert_eq!(
            filled("{S1-U01.title}{S1-U01}，{S1-U01.mom}；{S1-U02.title}{S1-U02}，{S1-U02.mom}。"),
            "优待用户认证数441人，环比增长4.9%。"
        );
        assert_eq!(
            filled(
                "{S1-B01.title}{S1-B01}，其中{S1-B02.title}{S1-B02}、{S1-B03.title}{S1-B03}；本年累计{S1-U08.cumulative}。"
            ),
            "优待服务数896项、线下优待服务数609项。"
        );
        for sentence in data.sentences.iter().filter_map(|pattern| fill(pattern, &data)) {
            assert!(!sentence.contains(number::MISSING), "{sentence}");
        }
    }

    #[test]
    fn one_district_alone_is_not_ranked() {
        assert_eq!(fill("{top 3 district S1-U03}", &fixture::district()), None);
    }

    #[test]
    fn wrong_placeholders_say_what_is_wrong() {
        for (pattern, word) in [
            ("{S1-U03", "缺少"),
            ("{S1-U03.max}", "max"),
            ("{top x district S1-U03}", "1 到 9"),
            ("{a b c}", "占位符"),
        ] {
            let message = Sentence::parse(pattern).expect_err(pattern);
            assert!(message.contains(word), "{message}");
        }
    }
}
