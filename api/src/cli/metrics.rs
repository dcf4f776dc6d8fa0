//! `pujiang metrics query`: figures of indicators with the rows of an account; the question by flags, or as JSON
//! on standard input.

use std::io::Read;

use pujiang_metrics::{ColumnType, ErrorKind, MetricsAnswer, MetricsQuery};
use serde_json::{Map, Value, json};

use super::args::{Format, MetricsQueryArgs};
use super::caller::caller;
use super::table::{Align, Heading, aligned, csv};
use super::{CliError, Verdict, data_dir, output};

/// Prints the figures.
pub async fn query(args: MetricsQueryArgs) -> Result<Verdict, CliError> {
    let body = if args.indicators.is_empty() { from_stdin()? } else { from_flags(&args)? };
    let query = MetricsQuery::from_json(&body).map_err(|error| CliError::usage(error.to_string()))?;
    let app = data_dir::open(&args.ask.data.data).await?;
    let principal = caller(&app, &args.ask.account).await?;
    let answer =
        Box::pin(app.metrics.query(&principal, &query)).await.map_err(|error| match error.kind() {
            ErrorKind::Invalid => CliError::usage(error.to_string()),
            _ => CliError::failed("查询指标")(error),
        })?;
    print(&answer, args.ask.format)?;
    Ok(Verdict::Yes)
}

fn from_stdin() -> Result<Value, CliError> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|source| CliError::io("读取标准输入", source))?;
    serde_json::from_str(&text).map_err(|error| {
        CliError::usage(format!("标准输入不是有效的 JSON（第 {} 行第 {} 列）", error.line(), error.column()))
    })
}

fn from_flags(args: &MetricsQueryArgs) -> Result<Value, CliError> {
    let mut filters: Map<String, Value> = Map::new();
    for filter in &args.filters {
        let (name, value) = filter.split_once('=').ok_or_else(|| {
            CliError::usage(format!("--filter {filter} 应写成 名称=取值，例如 district=310104"))
        })?;
        match filters.entry(name.to_owned()).or_insert_with(|| json!([])) {
            Value::Array(values) => values.push(json!(value)),
            _ => return Err(CliError::usage("--filter 有误")),
        }
    }
    Ok(json!({
        "indicators": args.indicators,
        "dimensions": args.dimensions,
        "time": {"grain": args.grain, "from": args.from, "to": args.to},
        "filters": filters,
        "compare": args.compare,
        "order": args.order,
        "limit": args.limit,
    }))
}

fn print(answer: &MetricsAnswer, format: Format) -> Result<(), CliError> {
    match format {
        Format::Json => {
            let text = serde_json::to_string(answer).map_err(CliError::failed("整理结果"))?;
            output::say(&text)
        }
        Format::Csv => {
            let names: Vec<String> = answer.columns.iter().map(|column| column.name.clone()).collect();
            output::say(&csv(&names, &answer.rows))
        }
        Format::Table => {
            let headings: Vec<Heading> = answer.columns.iter().map(heading).collect();
            output::say(&aligned(&headings, &answer.rows))?;
            output::complain(&format!(
                "{} 行；{}；{}",
                answer.rows.len(),
                answer.scope.label,
                answer.data_version
            ));
            Ok(())
        }
    }
}

fn heading(column: &pujiang_metrics::Column) -> Heading {
    let unit = column.unit.as_ref().map(|unit| format!("（{unit}）")).unwrap_or_default();
    let align = match column.kind {
        ColumnType::Date | ColumnType::Text => Align::Left,
        _ => Align::Right,
    };
    Heading { title: format!("{}{unit}", column.title), align }
}
