//! What `docs/SQL.md` and the manual say of SQL, asked: every statement in them is put to the wire, and to PostgreSQL where
//! `PUJIANG_TEST_PG` names one (scripts/with-postgres.sh), so that neither document can say what is not so.
//!
//! A block begins with three backticks and `sql same`, `sql differs` or `sql refused`. Each statement is followed by what
//! comes of it, in comments: rows one a line with ` | ` between columns and `∅` for NULL, or `! ` and a SQLSTATE. `same` has
//! one answer for both; the others have one behind `PostgreSQL:` and one behind `here:`.

use std::path::Path;

use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use crate::support::WireApp;

const DOCUMENTS: [&str; 2] = ["docs/SQL.md", "docs/USER-MANUAL.zh.md"];

/// One statement of a document.
#[derive(Debug)]
struct Case {
    place: String,
    sql: String,
    here: String,
    postgres: String,
}

/// How a block's statements stand to PostgreSQL's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Same,
    Differs,
    Refused,
}

fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut cases = Vec::new();
    for document in DOCUMENTS {
        let text = std::fs::read_to_string(root.join(document)).expect(document);
        let mut block = None::<Kind>;
        let (mut sql, mut answers) = (String::new(), Vec::<String>::new());
        for (number, line) in text.lines().enumerate() {
            if let Some(opening) = line.strip_prefix("```") {
                if let Some(kind) = block.take() {
                    cases.extend(case(document, number, kind, &mut sql, &mut answers));
                } else {
                    block = match opening {
                        "sql same" => Some(Kind::Same),
                        "sql differs" => Some(Kind::Differs),
                        "sql refused" => Some(Kind::Refused),
                        _ => None,
                    };
                }
                continue;
            }
            let Some(kind) = block else { continue };
            if let Some(answer) = line.strip_prefix("-- ") {
                answers.push(answer.to_owned());
                continue;
            }
            if !answers.is_empty() {
                cases.extend(case(document, number, kind, &mut sql, &mut answers));
            }
            sql.push_str(line);
            sql.push('\n');
        }
    }
    cases
}

fn case(
    document: &str,
    line: usize,
    kind: Kind,
    sql: &mut String,
    answers: &mut Vec<String>,
) -> Option<Case> {
    let text = std::mem::take(sql).trim().trim_end_matches(';').to_owned();
    let answers = std::mem::take(answers);
    let place = format!("{document}:{line}");
    if text.is_empty() {
        return None;
    }
    let behind = |mark: &str| {
        let rows: Vec<&str> = answers.iter().filter_map(|answer| answer.strip_prefix(mark)).collect();
        assert!(!rows.is_empty(), "{place}: “{mark}” is missing");
        rows.join("\n")
    };
    let (here, postgres) = match kind {
        Kind::Same => (answers.join("\n"), answers.join("\n")),
        Kind::Differs | Kind::Refused => (behind("here: "), behind("PostgreSQL: ")),
    };
    assert!(kind != Kind::Refused || here.starts_with("! "), "{place}: refused statements have a code");
    Some(Case { place, sql: text, here, postgres })
}

/// Rows as the documents write them, or the code of the failure.
async fn asked(client: &Client, sql: &str) -> String {
    match client.simple_query(sql).await {
        Ok(messages) => {
            let rows = messages.iter().filter_map(|message| match message {
                SimpleQueryMessage::Row(row) => Some(row),
                _ => None,
            });
            let cells = |row: &tokio_postgres::SimpleQueryRow| {
                let cells: Vec<&str> = (0..row.len()).map(|at| row.get(at).unwrap_or("∅")).collect();
                cells.join(" | ")
            };
            let rows: Vec<String> = rows.map(cells).collect();
            if rows.is_empty() { "(no rows)".to_owned() } else { rows.join("\n") }
        }
        Err(error) => match error.as_db_error() {
            Some(refusal) => format!("! {}", refusal.code().code()),
            None => format!("lost the connection: {error:?}"),
        },
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_documents_say_of_sql_is_so() {
    let cases = cases();
    assert!(cases.len() > 100, "only {} statements were found", cases.len());
    let wire = WireApp::start().await;
    let here = wire.client("city").await;
    let postgres = match std::env::var("PUJIANG_TEST_PG") {
        Ok(server) => {
            let (client, connection) = tokio_postgres::connect(&server, NoTls).await.expect("PostgreSQL");
            tokio::spawn(connection);
            client
                .batch_execute("set timezone = 'Asia/Shanghai'; set datestyle = 'ISO, YMD'")
                .await
                .expect("settings");
            Some(client)
        }
        Err(_) => None,
    };
    let mut wrong = Vec::new();
    for case in &cases {
        let answer = asked(&here, &case.sql).await;
        if answer != case.here {
            wrong.push(format!("{}\n  {}\n  here: {answer}\n  said: {}", case.place, case.sql, case.here));
        }
        if let Some(postgres) = &postgres {
            let answer = asked(postgres, &case.sql).await;
            if answer != case.postgres {
                wrong.push(format!(
                    "{}\n  {}\n  PostgreSQL: {answer}\n  said: {}",
                    case.place, case.sql, case.postgres
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
