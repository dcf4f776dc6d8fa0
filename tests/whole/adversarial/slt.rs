//! Scripts in the form of sqllogictest: `connection NAME`, `statement ok`, `statement error [REGEX]`,
//! `query TYPES [rowsort]` with the rows after `----`. The crate of that name is not used: it switches on default
//! features of crates below the engine, and the engine would be built a second time for its sake.

/// What one record wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// It runs.
    Ok,
    /// It is refused, with words the expression finds.
    Refused(String),
    /// These rows; columns apart by a space.
    Rows { sorted: bool, rows: Vec<String> },
}

/// One record of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub line: usize,
    pub connection: String,
    pub sql: String,
    pub wanted: Wanted,
}

/// The records of a script. Anything the form does not know stops the test.
pub fn records(script: &str) -> Vec<Record> {
    let mut records = Vec::new();
    let mut connection = String::new();
    let mut lines = script.lines().enumerate().peekable();
    while let Some((at, line)) = lines.next() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut wanted = match words.as_slice() {
            [] => continue,
            [first, ..] if first.starts_with('#') => continue,
            ["connection", name] => {
                connection = (*name).to_owned();
                continue;
            }
            ["statement", "ok"] => Wanted::Ok,
            ["statement" | "query", "error", ..] => {
                let told = line.split_once("error").map_or("", |(_, rest)| rest.trim());
                Wanted::Refused(told.to_owned())
            }
            ["query", _types] => Wanted::Rows { sorted: false, rows: Vec::new() },
            ["query", _types, "rowsort"] => Wanted::Rows { sorted: true, rows: Vec::new() },
            _ => panic!("line {}: {line}", at + 1),
        };
        let mut sql = Vec::new();
        let mut results = false;
        while let Some((_, line)) = lines.next_if(|(_, line)| !line.trim().is_empty()) {
            match &mut wanted {
                Wanted::Rows { .. } if !results && line == "----" => results = true,
                Wanted::Rows { rows, .. } if results => rows.push(line.trim_end().to_owned()),
                _ => sql.push(line),
            }
        }
        if let Wanted::Rows { sorted: true, rows } = &mut wanted {
            rows.sort_unstable();
        }
        assert!(!connection.is_empty() && !sql.is_empty(), "line {}: no connection or no statement", at + 1);
        records.push(Record { line: at + 1, connection: connection.clone(), sql: sql.join("\n"), wanted });
    }
    records
}

/// A row as a script writes it.
pub fn row(cells: &[Option<String>]) -> String {
    let cell = |cell: &Option<String>| match cell.as_deref() {
        None => "NULL".to_owned(),
        Some("") => "(empty)".to_owned(),
        Some(text) => text.to_owned(),
    };
    cells.iter().map(cell).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_script_is_read() {
    let script = "# note\nconnection a\n\nstatement error not .* here\nselect x\nfrom t\n\nquery IT rowsort\nselect 2, 'b'\n----\n2 b\n1 NULL\n\n";
    let record = |line, sql: &str, wanted| Record { line, connection: "a".into(), sql: sql.into(), wanted };
    assert_eq!(
        records(script),
        [
            record(4, "select x\nfrom t", Wanted::Refused("not .* here".into())),
            record(
                8,
                "select 2, 'b'",
                Wanted::Rows { sorted: true, rows: vec!["1 NULL".into(), "2 b".into()] }
            ),
        ]
    );
    assert_eq!(row(&[Some("1".into()), None, Some(String::new())]), "1 NULL (empty)");
}
