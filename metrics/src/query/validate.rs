//! Checks a question against the definitions and names every problem with its field. What passes here can be computed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use pujiang_security::DistrictCode;
use pujiang_security::district::place_name;
use serde::Serialize;

use super::{Compare, MetricsQuery};
use crate::calendar::{Grain, Span};
use crate::definition::{DISTRICT, IndicatorDef, IndicatorDefinitions, Measure, PLACE, name_column};
use crate::error::Problem;

/// The platform holds nothing older, and date arithmetic stays far from the ends of the calendar.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;
const MOST_INDICATORS: usize = 20;
const MOST_PERIODS: usize = 4_000;
const MOST_VALUES: usize = 500;
const MOST_ROWS: usize = 100_000;

/// A question that can be computed. Serialised it is the fingerprint of the question in the cache: lists whose order
/// does not matter are sorted.
#[derive(Debug, Serialize)]
pub(crate) struct ValidQuery<'d> {
    #[serde(serialize_with = "ids")]
    pub(crate) indicators: Vec<&'d IndicatorDef>,
    pub(crate) dimensions: Vec<String>,
    /// The columns behind the dimensions and filters.
    #[serde(skip)]
    pub(crate) columns: BTreeMap<String, String>,
    pub(crate) grain: Grain,
    #[serde(skip)]
    pub(crate) range: Span,
    pub(crate) filters: BTreeMap<String, BTreeSet<String>>,
    pub(crate) compare: BTreeSet<Compare>,
    pub(crate) order: Vec<OrderKey>,
    pub(crate) limit: Option<usize>,
}

/// One column to order by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct OrderKey {
    pub(crate) column: String,
    pub(crate) descending: bool,
}

impl ValidQuery<'_> {
    /// The column behind a dimension of the question.
    pub(crate) fn column_of<'q>(&'q self, dimension: &'q str) -> &'q str {
        self.columns.get(dimension).map_or(dimension, String::as_str)
    }

    /// Equal questions have equal fingerprints.
    pub(crate) fn fingerprint(&self) -> String {
        let body = serde_json::to_string(self).unwrap_or_else(|_| format!("{self:?}"));
        format!("{}..{} {body}", self.range.from, self.range.to)
    }
}

fn ids<S: serde::Serializer>(indicators: &[&IndicatorDef], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(indicators.iter().map(|indicator| (&indicator.id, indicator.version)))
}

/// Checks the question. `today` matters because figures by month may end with a month that is not over.
pub(crate) fn validate<'d>(
    query: &MetricsQuery,
    definitions: &'d IndicatorDefinitions,
    today: NaiveDate,
) -> Result<ValidQuery<'d>, Vec<Problem>> {
    let mut problems = Vec::new();
    let indicators = indicators(query, definitions, &mut problems);
    dimensions(query, &indicators, &mut problems);
    let range = range(query, &mut problems);
    if let Some(range) = range {
        periods(query.time.grain, range, today, &indicators, definitions, &mut problems);
    }
    let filters = filters(query, &indicators, &mut problems);
    compare(query, &indicators, &mut problems);
    let order = order(query, definitions, &indicators, &mut problems);
    if query.limit.is_some_and(|limit| limit == 0 || limit > MOST_ROWS) {
        problems.push(Problem::new("limit", "bad_number", format!("请用 1 到 {MOST_ROWS} 之间的整数")));
    }
    match range {
        Some(range) if problems.is_empty() => Ok(ValidQuery {
            indicators,
            dimensions: query.dimensions.clone(),
            columns: columns(query, definitions),
            grain: query.time.grain,
            range,
            filters,
            compare: query.compare.iter().copied().collect(),
            order,
            limit: query.limit,
        }),
        _ => Err(problems),
    }
}

fn columns(query: &MetricsQuery, definitions: &IndicatorDefinitions) -> BTreeMap<String, String> {
    let names = query.dimensions.iter().chain(query.filters.keys());
    names.map(|name| (name.clone(), definitions.column_of(name).to_owned())).collect()
}

fn indicators<'d>(
    query: &MetricsQuery,
    definitions: &'d IndicatorDefinitions,
    problems: &mut Vec<Problem>,
) -> Vec<&'d IndicatorDef> {
    let count = query.indicators.len();
    if count == 0 || count > MOST_INDICATORS {
        problems.push(Problem::new(
            "indicators",
            "bad_count",
            format!("请给出 1 到 {MOST_INDICATORS} 个指标"),
        ));
    }
    let mut known: Vec<&IndicatorDef> = Vec::new();
    for id in query.indicators.iter().take(MOST_INDICATORS) {
        match definitions.get(id) {
            None => problems.push(Problem::new(
                "indicators",
                "unknown_indicator",
                format!("没有指标“{id}”，可用指标见指标目录"),
            )),
            Some(indicator) if known.iter().any(|other| other.id == indicator.id) => {
                problems.push(Problem::new("indicators", "repeated", format!("指标 {id} 重复，请只写一次")));
            }
            Some(indicator) => known.push(indicator),
        }
    }
    known
}

fn dimensions(query: &MetricsQuery, indicators: &[&IndicatorDef], problems: &mut Vec<Problem>) {
    for (place, dimension) in query.dimensions.iter().enumerate() {
        if query.dimensions.iter().take(place).any(|other| other == dimension) {
            problems.push(Problem::new(
                "dimensions",
                "repeated",
                format!("维度 {dimension} 重复，请只写一次"),
            ));
        }
        lacking(dimension, "dimensions", indicators, problems);
    }
}

fn lacking(dimension: &str, field: &str, indicators: &[&IndicatorDef], problems: &mut Vec<Problem>) {
    for indicator in
        indicators.iter().filter(|indicator| !indicator.dimensions.iter().any(|own| own == dimension))
    {
        let message = format!(
            "指标 {} 没有维度“{dimension}”；可用维度：{}",
            indicator.id,
            indicator.dimensions.join("、")
        );
        problems.push(Problem::new(field, "unknown_dimension", message));
    }
}

fn range(query: &MetricsQuery, problems: &mut Vec<Problem>) -> Option<Span> {
    let time = query.time;
    for (field, day) in [("time.from", time.from), ("time.to", time.to)] {
        if !YEARS.contains(&day.year()) {
            problems.push(Problem::new(
                field,
                "out_of_range",
                format!("请用 {} 到 {} 年之间的日期", YEARS.start(), YEARS.end()),
            ));
            return None;
        }
    }
    let range = Span::new(time.from, time.to);
    if range.is_none() {
        problems.push(Problem::new("time.to", "before_from", "结束日期早于开始日期，请调整"));
    }
    range
}

fn periods(
    grain: Grain,
    range: Span,
    today: NaiveDate,
    indicators: &[&IndicatorDef],
    definitions: &IndicatorDefinitions,
    problems: &mut Vec<Problem>,
) {
    if range.cut(grain).len() > MOST_PERIODS {
        let message = format!("时间范围含 {MOST_PERIODS} 个以上周期，请缩短范围或改用更粗的粒度");
        problems.push(Problem::new("time", "too_many_periods", message));
    }
    for indicator in indicators {
        if grain != Grain::Total && !indicator.grains.contains(&grain) {
            let message = format!("指标 {} 不支持{}", indicator.id, grain.adverb());
            problems.push(Problem::new("time.grain", "unsupported_grain", message));
            continue;
        }
        let by_month = definitions
            .parts(indicator)
            .iter()
            .any(|part| matches!(part.measure, Measure::Distinct { .. } | Measure::Overlap(_)));
        if !by_month {
            continue;
        }
        if range.from.day() != 1 {
            let message = format!("指标 {} 按整月去重，开始日期请用某月 1 日", indicator.id);
            problems.push(Problem::new("time.from", "not_whole_months", message));
        }
        if range.to < today && Span::holding(Grain::Month, range.to).to != range.to {
            let message = format!("指标 {} 按整月去重，结束日期请用某月最后一日或今日", indicator.id);
            problems.push(Problem::new("time.to", "not_whole_months", message));
        }
    }
}

fn filters(
    query: &MetricsQuery,
    indicators: &[&IndicatorDef],
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, BTreeSet<String>> {
    for (dimension, values) in &query.filters {
        let field = format!("filters.{dimension}");
        lacking(dimension, &field, indicators, problems);
        if values.is_empty() || values.len() > MOST_VALUES {
            problems.push(Problem::new(
                &field,
                "bad_count",
                format!("请给出 1 到 {MOST_VALUES} 个取值，或去掉此筛选"),
            ));
        }
        if dimension == DISTRICT {
            for bad in values.iter().filter_map(|value| DistrictCode::parse(value).err()) {
                problems.push(Problem::new(&field, "unknown_district", bad.to_string()));
            }
        }
        if dimension == PLACE {
            for bad in values.iter().filter(|value| place_name(value).is_none()) {
                let message = format!("没有代码为“{bad}”的区划；已撤销的区划请用原代码，如闸北区 310108");
                problems.push(Problem::new(&field, "unknown_district", message));
            }
        }
    }
    query
        .filters
        .iter()
        .map(|(dimension, values)| (dimension.clone(), values.iter().cloned().collect()))
        .collect()
}

fn compare(query: &MetricsQuery, indicators: &[&IndicatorDef], problems: &mut Vec<Problem>) {
    for compare in &query.compare {
        for indicator in indicators.iter().filter(|indicator| !indicator.derived.contains(compare)) {
            let message = format!("指标 {} 不支持{}", indicator.id, compare.title());
            problems.push(Problem::new("compare", "unsupported_compare", message));
        }
        if matches!(compare, Compare::Share | Compare::Rank) && query.dimensions.is_empty() {
            let message = format!("{}需要至少一个维度", compare.title());
            problems.push(Problem::new("compare", "needs_dimension", message));
        }
    }
}

fn order(
    query: &MetricsQuery,
    definitions: &IndicatorDefinitions,
    indicators: &[&IndicatorDef],
    problems: &mut Vec<Problem>,
) -> Vec<OrderKey> {
    let mut columns: Vec<String> = vec!["period".into()];
    columns.extend(query.dimensions.iter().cloned());
    columns
        .extend(query.dimensions.iter().filter(|one| definitions.is_named(one)).map(|one| name_column(one)));
    for indicator in indicators {
        columns.push(indicator.id.clone());
        columns.extend(query.compare.iter().map(|compare| format!("{}.{}", indicator.id, compare.as_str())));
    }
    let key = |text: &String| match text.strip_prefix('-') {
        Some(column) => OrderKey { column: column.to_owned(), descending: true },
        None => OrderKey { column: text.clone(), descending: false },
    };
    let keys: Vec<OrderKey> = query.order.iter().map(key).collect();
    for key in keys.iter().filter(|key| !columns.contains(&key.column)) {
        let message = format!("结果中没有列“{}”；可用：{}", key.column, columns.join("、"));
        problems.push(Problem::new("order", "unknown_column", message));
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(body: &str) -> Vec<String> {
        let definitions = IndicatorDefinitions::builtin().unwrap();
        let query = match MetricsQuery::from_json(&serde_json::from_str(body).unwrap()) {
            Ok(query) => query,
            Err(error) => panic!("{error}"),
        };
        let today = "2026-11-21".parse().unwrap();
        let found = validate(&query, &definitions, today).err().unwrap_or_default();
        found.iter().map(|problem| format!("{} {}", problem.field, problem.code)).collect()
    }

    #[test]
    fn problems_are_named_with_their_field() {
        let year = r#""time":{"grain":"month","from":"2026-01-01","to":"2026-10-31"}"#;
        let check =
            |rest: &str, expected: &[&str]| assert_eq!(problems(&format!("{{{rest}}}")), expected, "{rest}");
        check(&format!(r#""indicators":["S1-U03"],{year}"#), &[]);
        check(&format!(r#""indicators":[],{year}"#), &["indicators bad_count"]);
        check(
            &format!(r#""indicators":["S1-U03","S1-U03","X"],{year}"#),
            &["indicators repeated", "indicators unknown_indicator"],
        );
        check(
            &format!(r#""indicators":["S1-U03"],"dimensions":["district","district","street"],{year}"#),
            &["dimensions repeated", "dimensions unknown_dimension"],
        );
        check(
            &format!(r#""indicators":["S1-P02"],"filters":{{"mode":["券"]}},{year}"#),
            &["filters.mode unknown_dimension"],
        );
        check(
            &format!(
                r#""indicators":["S1-U03"],"filters":{{"district":["310199","310104"],"mode":[]}},{year}"#
            ),
            &["filters.district unknown_district", "filters.mode bad_count"],
        );
        check(
            &format!(r#""indicators":["S1-U03"],"filters":{{"place":["310108","310199"]}},{year}"#),
            &["filters.place unknown_district"],
        );
        check(
            &format!(r#""indicators":["S1-U04"],"compare":["share"],{year}"#),
            &["compare unsupported_compare", "compare needs_dimension"],
        );
        check(
            &format!(
                r#""indicators":["S1-U03"],"compare":["yoy"],"order":["-S1-U03.yoy","-S1-U03.mom","district"],{year}"#
            ),
            &["order unknown_column", "order unknown_column"],
        );
        check(&format!(r#""indicators":["S1-U03"],"limit":0,{year}"#), &["limit bad_number"]);
    }

    #[test]
    fn time_must_fit_the_indicator() {
        let check = |indicator: &str, grain: &str, from: &str, to: &str, expected: &[&str]| {
            let body = format!(
                r#"{{"indicators":["{indicator}"],"time":{{"grain":"{grain}","from":"{from}","to":"{to}"}}}}"#
            );
            assert_eq!(problems(&body), expected, "{body}");
        };
        check("S1-U03", "day", "2026-10-31", "2026-10-01", &["time.to before_from"]);
        check("S1-U03", "day", "1999-12-31", "2026-10-01", &["time.from out_of_range"]);
        check("S1-U03", "day", "2000-01-01", "2026-10-01", &["time too_many_periods"]);
        check("S1-P09", "day", "2026-10-01", "2026-10-31", &["time.grain unsupported_grain"]);
        check("S1-U08", "week", "2026-10-01", "2026-10-31", &["time.grain unsupported_grain"]);
        check(
            "S1-P09",
            "total",
            "2026-10-02",
            "2026-10-30",
            &["time.from not_whole_months", "time.to not_whole_months"],
        );
        check("S1-P10", "month", "2026-10-01", "2026-11-21", &[]);
        check("S1-U03", "month", "2026-10-02", "2026-10-30", &[]);
    }

    #[test]
    fn the_fingerprint_is_of_the_meaning() {
        let definitions = IndicatorDefinitions::builtin().unwrap();
        let print = |filters: &str, to: &str| {
            let body = format!(
                r#"{{"indicators":["S1-U03"],"filters":{filters},"time":{{"grain":"month","from":"2026-01-01","to":"{to}"}}}}"#
            );
            let query = MetricsQuery::from_json(&serde_json::from_str(&body).unwrap()).unwrap();
            validate(&query, &definitions, "2026-11-21".parse().unwrap()).unwrap().fingerprint()
        };
        let base = print(r#"{"district":["310104","310105"],"mode":["券"]}"#, "2026-10-31");
        assert_eq!(base, print(r#"{"mode":["券"],"district":["310105","310104"]}"#, "2026-10-31"));
        assert_ne!(base, print(r#"{"district":["310104"],"mode":["券"]}"#, "2026-10-31"));
        assert_ne!(base, print(r#"{"district":["310104","310105"],"mode":["券"]}"#, "2026-10-30"));
    }
}
