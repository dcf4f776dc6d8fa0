//! A month with known figures, for tests that render without a warehouse. Not compiled into the product.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::Value;

use super::{
    Breakdown, Cell, Change, ChartFacts, ChartKind, Direction, Figure, IndicatorFacts, PeriodFacts,
    ReportData, ScopeFacts, Series, Trend, ValueKind,
};
use crate::period::Period;

/// District code, name, transactions, change against last year.
const DISTRICTS: [(&str, &str, i64, f64); 16] = [
    ("310101", "黄浦区", 15200, -0.06),
    ("310104", "徐汇区", 18930, 0.083),
    ("310105", "长宁区", 9820, 0.021),
    ("310106", "静安区", 16110, 0.101),
    ("310107", "普陀区", 10450, 0.034),
    ("310109", "虹口区", 8120, -0.012),
    ("310110", "杨浦区", 12030, 0.055),
    ("310112", "闵行区", 25900, 0.164),
    ("310113", "宝山区", 17020, 0.121),
    ("310114", "嘉定区", 11870, 0.145),
    ("310115", "浦东新区", 50230, 0.182),
    ("310116", "金山区", 4310, 0.072),
    ("310117", "松江区", 9950, 0.133),
    ("310118", "青浦区", 5840, 0.098),
    ("310120", "奉贤区", 5190, 0.0),
    ("310151", "崇明区", 2488, 0.24),
];
const CATEGORIES: [(&str, i64); 8] = [
    ("餐饮", 61200),
    ("购物", 52010),
    ("文旅", 38944),
    ("交通", 30120),
    ("医疗", 17300),
    ("体育", 11800),
    ("教育", 8200),
    ("金融", 3884),
];
const MODES: [(&str, i64); 5] =
    [("被扫", 92100), ("主扫", 61400), ("电子证", 40158), ("跳转", 18900), ("券", 10900)];
const HOLDERS: [(&str, i64); 4] =
    [("退役军人", 356), ("残疾军人", 41), ("烈士遗属", 12), ("其他优抚对象", 58)];

/// Id, title, unit, kind, direction, value, 环比, 同比.
type Row =
    (&'static str, &'static str, &'static str, ValueKind, Direction, &'static str, Option<f64>, Option<f64>);

const ROWS: [Row; 17] = {
    use Direction::{DownGood, Neutral, UpGood};
    use ValueKind::{Decimal, Integer, Percent};
    [
        ("S1-U01", "优待用户注册数", "人", Integer, UpGood, "467", Some(0.061), Some(-0.12)),
        ("S1-U02", "优待用户认证数", "人", Integer, UpGood, "441", Some(0.049), Some(-0.101)),
        ("S1-U03", "优待用户交易笔数", "笔", Integer, UpGood, "223458", Some(0.0318), Some(0.125)),
        ("S1-U04", "用户认证率", "%", Percent, UpGood, "93.21", Some(0.0002), Some(0.011)),
        ("S1-U08", "人均交易笔数", "笔/人", Decimal, UpGood, "4.73", Some(0.012), Some(0.034)),
        ("S1-P01", "提供单位总数", "家", Integer, UpGood, "342", Some(0.0), Some(0.154)),
        ("S1-P02", "新增入驻单位数", "家", Integer, UpGood, "0", Some(-1.0), Some(-1.0)),
        ("S1-P09", "有交易单位数", "家", Integer, UpGood, "318", None, Some(0.131)),
        ("S1-P09A", "未在册交易单位数", "家", Integer, DownGood, "24", Some(-0.04), None),
        ("S1-P10", "单位活跃率", "%", Percent, UpGood, "92.98", Some(-0.004), Some(-0.02)),
        ("S1-B01", "优待服务数", "项", Integer, UpGood, "896", Some(0.008), Some(0.094)),
        ("S1-B02", "线上优待服务数", "项", Integer, Neutral, "287", Some(0.014), Some(0.12)),
        ("S1-B03", "线下优待服务数", "项", Integer, Neutral, "609", Some(0.005), Some(0.082)),
        ("S1-B04", "服务点数", "个", Integer, UpGood, "1204", Some(0.0), None),
        ("S1-B05", "优待交易金额", "元", Decimal, UpGood, "71623901.45", Some(0.028), Some(0.117)),
        ("S1-B06", "优惠让利金额", "元", Decimal, UpGood, "9120388.02", Some(-0.013), Some(-0.041)),
        ("S1-B07", "享受方式构成", "笔", Integer, Neutral, "223458", Some(0.0318), Some(0.125)),
    ]
};

/// Percentages move by percentage points, everything else by a part of itself.
fn change(ratio: f64, kind: ValueKind) -> Change {
    let part = Decimal::try_from(ratio).expect("finite");
    if kind == ValueKind::Percent { Change::Points(part * Decimal::ONE_HUNDRED) } else { Change::Part(part) }
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a number")
}

/// The whole city, October 2026.
pub fn city() -> ReportData {
    let period: Period = "2026-10".parse().expect("a month");
    let indicators = ROWS.map(|(id, title, unit, kind, direction, ..)| IndicatorFacts {
        id: id.into(),
        title: title.into(),
        unit: unit.into(),
        description: format!("{title}的口径：报告期内经确认的记录，冲正的不计。"),
        kind,
        direction,
    });
    let figures = ROWS.map(|(id, _, _, kind, _, value, mom, yoy)| {
        let current = decimal(value);
        let before = |change: Option<Change>| match change? {
            Change::Points(points) => Some(current - points),
            Change::Part(part) if part == Decimal::NEGATIVE_ONE => None,
            Change::Part(part) => Some((current / (Decimal::ONE + part)).round_dp(2)),
        };
        let moved = |ratio: Option<f64>| ratio.map(|ratio| change(ratio, kind));
        let (mom, yoy) = (moved(mom), moved(yoy));
        // What stands at the end of a month, and a rate, is not added up.
        let adds_up =
            !["S1-U04", "S1-U08", "S1-P01", "S1-P09A", "S1-P10", "S1-B01", "S1-B02", "S1-B03", "S1-B04"]
                .contains(&id);
        let cumulative = adds_up.then(|| current * Decimal::from(9));
        Figure {
            indicator: id.into(),
            current: Some(current),
            previous: before(mom),
            mom,
            last_year: before(yoy),
            yoy,
            cumulative,
        }
    });
    ReportData {
        report: "benefit_monthly".into(),
        title: "社会优待月报".into(),
        department: "上海市退役军人事务局".into(),
        period: PeriodFacts {
            value: period.to_string(),
            label: period.label(),
            from: period.from(),
            to: period.to(),
            incomplete_until: None,
            compared_until: None,
        },
        scope: ScopeFacts { label: "全市".into(), short: "全市".into(), districts: vec![] },
        data_time: "2026-11-01T08:00:03+08:00".parse().expect("a time"),
        data_version: "benefit_transaction@312,state_event@58".into(),
        indicators: indicators.into(),
        overview_sheet: "概览".into(),
        figures: figures.into(),
        breakdowns: vec![
            breakdown("district", "分区", "分区", "区", &DISTRICTS.map(|(c, l, n, y)| (c, l, n, Some(y)))),
            breakdown(
                "category",
                "按服务类别",
                "分类别",
                "服务类别",
                &CATEGORIES.map(|(c, n)| (c, c, n, Some(0.1))),
            ),
            breakdown("holder", "按用户类别", "分类别", "用户类别", &HOLDERS.map(|(c, n)| (c, c, n, None))),
            breakdown(
                "mode",
                "享受方式",
                "享受方式",
                "享受方式",
                &MODES.map(|(c, n)| (c, c, n, Some(-0.05))),
            ),
        ],
        trend: trend(period),
        remarks: vec![],
        charts: charts(),
        sentences: definition_sentences(),
    }
}

/// 徐汇区 alone, as its clerk gets it.
pub fn district() -> ReportData {
    let mut data = city();
    data.scope =
        ScopeFacts {
            label: "仅徐汇区".into(), short: "徐汇区".into(), districts: vec!["310104".into()]
        };
    data.department = "徐汇区退役军人事务局".into();
    data.breakdowns[0].cells.retain(|cell| cell.code == "310104");
    for figure in &mut data.figures {
        figure.current = figure.current.map(|v| (v / Decimal::from(12)).round_dp(0));
    }
    data
}

fn breakdown(
    id: &str,
    title: &str,
    sheet: &str,
    dimension_title: &str,
    groups: &[(&str, &str, i64, Option<f64>)],
) -> Breakdown {
    let total: i64 = groups.iter().map(|g| g.2).sum();
    let indicators: Vec<String> = match id {
        "holder" => vec!["S1-U01".into(), "S1-U02".into()],
        _ => vec!["S1-U03".into(), "S1-B05".into(), "S1-B06".into()],
    };
    let cells = groups.iter().flat_map(|(code, label, count, yoy)| {
        indicators.iter().map(move |indicator| Cell {
            code: (*code).into(),
            label: (*label).into(),
            indicator: indicator.clone(),
            value: Some(match indicator.as_str() {
                "S1-B05" => Decimal::from(*count) * decimal("320.53"),
                "S1-B06" => Decimal::from(*count) * decimal("40.82"),
                _ => Decimal::from(*count),
            }),
            yoy: yoy.map(|ratio| change(ratio, ValueKind::Integer)),
            share: Some(Decimal::from(*count) / Decimal::from(total)),
            rank: Some(1 + groups.iter().filter(|g| g.2 > *count).count() as i64),
        })
    });
    Breakdown {
        id: id.into(),
        title: title.into(),
        sheet: sheet.into(),
        dimension: id.into(),
        dimension_title: dimension_title.into(),
        cells: cells.collect(),
        indicators: indicators.clone(),
    }
}

fn trend(period: Period) -> Trend {
    let months: Vec<NaiveDate> = (0..25).rev().map(|back| period.back(back).from()).collect();
    let shape = |base: i64| -> Vec<Option<Decimal>> {
        let season = [100, 82, 96, 104, 112, 103, 99, 101, 105, 118, 97, 94];
        (0..25)
            .map(|at| Some(Decimal::from(base * season[(at + 9) % 12] * (100 + at as i64) / 12_400)))
            .collect()
    };
    let series = [("S1-U03", 190_000), ("S1-B05", 61_000_000), ("S1-U01", 430)];
    Trend {
        sheet: "趋势".into(),
        months,
        listed: 13,
        indicators: series.iter().map(|s| s.0.to_owned()).collect(),
        series: series
            .iter()
            .map(|(id, base)| Series { indicator: (*id).into(), values: shape(*base) })
            .collect(),
    }
}

fn charts() -> Vec<ChartFacts> {
    let chart = |id: &str, title: &str, kind, indicator: &str, breakdown: &str| ChartFacts {
        id: id.into(),
        title: title.into(),
        kind,
        indicator: indicator.into(),
        breakdown: breakdown.into(),
    };
    vec![
        chart("trend_count", "优待用户交易笔数：近12个月与上年同期", ChartKind::Trend, "S1-U03", ""),
        chart("trend_amount", "优待交易金额：近12个月与上年同期", ChartKind::Trend, "S1-B05", ""),
        chart("trend_users", "优待用户注册数：近12个月与上年同期", ChartKind::Trend, "S1-U01", ""),
        chart("map", "优待用户交易笔数的地区分布", ChartKind::Map, "S1-U03", "district"),
        chart("ranking", "各区优待用户交易笔数与同比", ChartKind::Ranking, "S1-U03", "district"),
        chart("category", "按服务类别", ChartKind::Composition, "S1-U03", "category"),
        chart("mode", "按享受方式", ChartKind::Composition, "S1-U03", "mode"),
    ]
}

/// The sentences of the real definition, so that the fixture follows it.
fn definition_sentences() -> Vec<String> {
    let text = include_str!("../../definitions/benefit_monthly.toml");
    let value: Value = toml::from_str(text).expect("the definition is TOML");
    value["sentences"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|s| s.as_str().expect("text").to_owned())
        .collect()
}
