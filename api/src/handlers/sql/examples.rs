//! Statements to begin with, made from what the caller sees of a table. Text only: whoever runs one passes the door.

use pujiang_metrics::definition::Keep;
use pujiang_security::Treatment;
use pujiang_warehouse::{ColumnType, TableKind, Visibility, VisibleColumn, VisibleTable};
use serde::Serialize;
use utoipa::ToSchema;

/// A statement with a title.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Example {
    title: String,
    sql: String,
}

/// What the definitions say of a table.
pub struct Known<'a> {
    /// Its column of business time.
    pub time: Option<&'a str>,
    /// Which rows the indicators count.
    pub counted: &'a [Keep],
    /// Columns with a few kinds of rows, the best to part them by first.
    pub kinds: Vec<&'a str>,
}

/// Examples of a table; `today` is an RFC 3339 text. Sums leave out what no indicator counts, or they would contradict the
/// board beside them.
pub fn examples(table: &VisibleTable, known: &Known<'_>, today: &str) -> Vec<Example> {
    let Known { time, counted, kinds } = known;
    let time = *time;
    let id = &table.id;
    let keeps: Option<Vec<String>> = counted.iter().map(|keep| kept(table, keep)).collect();
    let Some(keeps) = keeps else { return vec![rows(table, time)] };
    let only = |more: Option<&String>| {
        let all: Vec<&str> = keeps.iter().chain(more).map(String::as_str).collect();
        if all.is_empty() { String::new() } else { format!("\nWHERE {}", all.join(" AND ")) }
    };
    let time = time.and_then(|name| clear(table, name));
    let month = time.and_then(|time| whole_month(time, today));
    let whole = |title: &str, sql: String| Example { title: title.to_owned(), sql };
    let mut examples = Vec::new();
    if table.kind == TableKind::District {
        if clear(table, "district_code").is_some() {
            let conditions = only(month.as_ref());
            let sum = money(table)
                .map(|c| format!(", sum(t.{}) AS {}", c.name, alias(&c.title)))
                .unwrap_or_default();
            examples.push(whole(
                if month.is_some() { "上月各区汇总" } else { "各区汇总" },
                format!(
                    "SELECT d.name AS 区, count(*) AS 数量{sum}\nFROM {id} t\nJOIN district d ON d.code = \
                     t.district_code{conditions}\nGROUP BY d.name\nORDER BY 数量 DESC"
                ),
            ));
        }
        if let Some(time) = time {
            let name = &time.name;
            examples.push(whole(
                "逐月数量",
                format!("SELECT date_trunc('month', t.{name}) AS 月份, count(*) AS 数量\nFROM {id} t{}\nGROUP BY 1\nORDER BY 1", only(None)),
            ));
        }
        if let Some(part) = part(table, kinds) {
            let (name, title, alias) = (&part.name, &part.title, alias(&part.title));
            examples.push(whole(
                &format!("按{title}分布"),
                format!("SELECT t.{name} AS {alias}, count(*) AS 数量\nFROM {id} t{}\nGROUP BY 1\nORDER BY 数量 DESC", only(None)),
            ));
        }
    }
    examples.push(rows(table, time.map(|time| time.name.as_str())));
    examples
}

/// The rows themselves, the latest first.
fn rows(table: &VisibleTable, time: Option<&str>) -> Example {
    let time = time.and_then(|name| clear(table, name));
    let order = time.map(|time| format!("\nORDER BY {} DESC", time.name)).unwrap_or_default();
    let title = if time.is_some() { "最近 100 行" } else { "看 100 行" };
    Example { title: title.to_owned(), sql: format!("SELECT *\nFROM {}{order}\nLIMIT 100", table.id) }
}

/// The condition that keeps the rows an indicator counts; none if the caller does not see the column as it is.
fn kept(table: &VisibleTable, keep: &Keep) -> Option<String> {
    let column = &clear(table, &keep.column)?.name;
    let values: Vec<String> =
        keep.any_of.iter().map(|value| format!("'{}'", value.replace('\'', "''"))).collect();
    Some(match values.as_slice() {
        [only] => format!("t.{column} = {only}"),
        _ => format!("t.{column} IN ({})", values.join(", ")),
    })
}

/// A title as a name of SQL; brackets and the like need quotes.
fn alias(title: &str) -> String {
    if title.chars().all(char::is_alphanumeric) { title.to_owned() } else { format!("\"{title}\"") }
}

fn clear<'a>(table: &'a VisibleTable, name: &str) -> Option<&'a VisibleColumn> {
    table.columns.iter().find(|column| column.name == name && column.treatment == Treatment::Clear)
}

/// What was paid, or else the last amount of the table.
fn money(table: &VisibleTable) -> Option<&VisibleColumn> {
    let amounts = || {
        table.columns.iter().filter(|column| {
            matches!(column.kind, ColumnType::Decimal(_, 2)) && column.treatment == Treatment::Clear
        })
    };
    amounts().find(|column| column.name == "amount").or_else(|| amounts().next_back())
}

/// A public text that parts the rows into a few kinds.
fn part<'a>(table: &'a VisibleTable, kinds: &[&str]) -> Option<&'a VisibleColumn> {
    kinds.iter().find_map(|name| {
        clear(table, name).filter(|c| c.kind == ColumnType::Text && c.visibility != Visibility::Personal)
    })
}

/// The condition of the last month that is over.
fn whole_month(time: &VisibleColumn, today: &str) -> Option<String> {
    let (year, month) = (today.get(..4)?.parse::<i32>().ok()?, today.get(5..7)?.parse::<i32>().ok()?);
    let before = if month == 1 { (year - 1, 12) } else { (year, month - 1) };
    let word = match time.kind {
        ColumnType::Timestamp => "TIMESTAMP",
        ColumnType::Date => "DATE",
        _ => return None,
    };
    let name = &time.name;
    Some(format!(
        "t.{name} >= {word} '{:04}-{:02}-01' AND t.{name} < {word} '{year:04}-{month:02}-01'",
        before.0, before.1
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, title: &str, kind: ColumnType, treatment: Treatment) -> VisibleColumn {
        VisibleColumn {
            name: name.into(),
            title: title.into(),
            kind,
            visibility: Visibility::Public,
            nullable: false,
            treatment,
        }
    }

    fn table(kind: TableKind, columns: Vec<VisibleColumn>) -> VisibleTable {
        let (id, title, layer) = ("benefit_transaction".into(), "优待交易".into(), "benefit".into());
        VisibleTable { id, title, description: String::new(), layer, kind, columns }
    }

    #[test]
    fn page_5_a_table_is_summed_as_the_indicators_count_it() {
        let columns = vec![
            column("pay_time", "交易时间", ColumnType::Timestamp, Treatment::Clear),
            column("district_code", "所属区", ColumnType::Text, Treatment::Clear),
            column("category", "服务类别", ColumnType::Text, Treatment::Clear),
            column("amount", "实付金额", ColumnType::Decimal(12, 2), Treatment::Clear),
            column("state", "状态", ColumnType::Text, Treatment::Clear),
        ];
        let counted = [Keep { column: "state".into(), any_of: vec!["confirmed".into()] }];
        let table = table(TableKind::District, columns);
        let known =
            Known { time: Some("pay_time"), counted: &counted, kinds: vec!["mode", "category", "state"] };
        let found = examples(&table, &known, "2026-01-22T10:00:00+08:00");
        let titles: Vec<&str> = found.iter().map(|example| example.title.as_str()).collect();
        assert_eq!(titles, ["上月各区汇总", "逐月数量", "按服务类别分布", "最近 100 行"]);
        assert!(
            found[0].sql.contains(
                "WHERE t.state = 'confirmed' AND t.pay_time >= TIMESTAMP '2025-12-01' AND t.pay_time < TIMESTAMP '2026-01-01'"
            )
        );
        for example in &found[1..3] {
            assert!(example.sql.contains("WHERE t.state = 'confirmed'\n"), "page 5: {}", example.sql);
        }
        assert!(found[0].sql.contains("sum(t.amount) AS 实付金额"));
    }

    #[test]
    fn what_is_treated_is_in_no_example() {
        let columns = vec![
            column("state", "状态", ColumnType::Text, Treatment::Pseudonymised),
            column("amount", "实付金额", ColumnType::Decimal(12, 2), Treatment::Pseudonymised),
        ];
        let counted = [Keep { column: "state".into(), any_of: vec!["confirmed".into()] }];
        let table = table(TableKind::District, columns);
        let known = Known { time: Some("pay_time"), counted: &counted, kinds: vec!["state"] };
        let found = examples(&table, &known, "2026-11-22T10:00:00+08:00");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].sql, "SELECT *\nFROM benefit_transaction\nLIMIT 100");
    }
}
