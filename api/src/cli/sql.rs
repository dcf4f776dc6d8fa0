//! `pujiang sql`: one read-only statement with the rows of an account.

use pujiang_warehouse::AnswerLimit;
use serde_json::json;

use super::args::{Format, SqlArgs};
use super::caller::caller;
use super::table::{Align, Heading, aligned, csv};
use super::{CliError, Verdict, data_dir, output};
use crate::rows::{columns, rows};
use crate::sql::{Channel, Question};

/// Most of one answer; it is printed from memory.
const LIMIT: AnswerLimit = AnswerLimit { rows: 1_000_000, bytes: 1 << 30 };

/// Prints the rows of the statement.
pub async fn run(args: SqlArgs) -> Result<Verdict, CliError> {
    let app = data_dir::open(&args.ask.data.data).await?;
    let principal = caller(&app, &args.ask.account).await?;
    let question = Question { text: &args.sql, channel: Channel::CommandLine, origin: None };
    let answer = app.sql.ask(&principal, question, LIMIT).await.map_err(CliError::failed("查询"))?;
    let columns = columns(&answer.schema);
    let rows = rows(&answer.batches).map_err(CliError::failed("整理结果"))?;
    let scope = principal.scope();
    match args.ask.format {
        Format::Json => output::say(
            &json!({
                "columns": columns,
                "rows": rows,
                "data_version": answer.data_version,
                "scope": pujiang_metrics::ScopeView::from(scope),
            })
            .to_string(),
        )?,
        Format::Csv => {
            let names: Vec<String> = columns.into_iter().map(|column| column.name).collect();
            output::say(&csv(&names, &rows))?;
        }
        Format::Table => {
            let headings: Vec<Heading> = columns
                .into_iter()
                .map(|column| Heading {
                    title: column.name,
                    align: match column.kind {
                        "integer" | "decimal" | "float" => Align::Right,
                        _ => Align::Left,
                    },
                })
                .collect();
            output::say(&aligned(&headings, &rows))?;
            output::complain(&format!("{} 行；{}；{}", rows.len(), scope.label(), answer.data_version));
        }
    }
    Ok(Verdict::Yes)
}
