//! The fence around reading: who may parse texts, make query sessions, open tables and files, mint principals, keep
//! answers, and switch the lint off that says so. `clippy.toml` forbids the same constructors with their reasons; this test also
//! holds where clippy does not run, and notices an exception that is no longer needed.

use std::path::Path;

use pujiang_tests::repository::{root, texts};

/// What makes a reader, and the only files that may do it. A folder ends with a slash.
const MAKERS: [(&str, &[&str]); 18] = [
    // A parser ends the process over a text that no fence has seen.
    (concat!("sqlparser::", "parser"), &["warehouse/src/access/parse.rs", "warehouse/src/access/dialect.rs"]),
    (concat!("parser::", "Parser"), &[]),
    (concat!("Parser::", "parse_sql"), &["warehouse/src/access/parse.rs"]),
    (concat!("PostgresCompatibility", "Parser::new"), &["warehouse/src/access/parse.rs"]),
    (concat!("DFPar", "ser"), &[]),
    (concat!(".sql_to_", "statement("), &[]),
    (concat!("SessionContext", "::new"), &["warehouse/src/access/", "tests/bench/tpch/plain.rs"]),
    (concat!("SessionStateBuilder", "::new"), &["warehouse/src/access/"]),
    (concat!("RuntimeEnvBuilder", "::new"), &["warehouse/src/access/"]),
    (concat!("ParquetSource", "::new"), &["warehouse/src/access/"]),
    (concat!("ListingTable", "::"), &[]),
    (concat!("ListingOptions", "::"), &[]),
    (concat!(".register_", "parquet("), &["tests/bench/tpch/plain.rs"]),
    (concat!(".read_", "parquet("), &[]),
    (concat!("deltalake::open_", "table"), &[]),
    (concat!("DeltaTable", "Builder::"), &["warehouse/src/delta/table.rs"]),
    (
        concat!("ParquetRecordBatchReader", "Builder::"),
        // A partner's file before it is in the lake; the side files of rollups.
        &["ingest/src/format/parquet/", "warehouse/src/rollup/side_file.rs"],
    ),
    (concat!("ParquetRecordBatchStream", "Builder::"), &["warehouse/src/delta/parquet_file.rs"]),
];

/// Where the lint may be expected to speak.
const EXPECTED: [&str; 2] = ["warehouse/src/access/", "tests/bench/tpch/plain.rs"];

fn is_within(file: &Path, places: &[&str]) -> bool {
    let name = file.to_str().unwrap();
    places.iter().any(|place| name == *place || (place.ends_with('/') && name.starts_with(place)))
}

/// Code that runs only in tests and measurements.
fn is_of_tests(file: &Path) -> bool {
    let name = file.to_str().unwrap();
    name.split('/').any(|part| part == "tests" || part == "examples") || name.ends_with("tests.rs")
}

#[test]
fn readers_are_made_in_few_places() {
    let files = texts(&["rs"]).unwrap();
    let mut wrong = Vec::new();
    for (maker, places) in MAKERS {
        let makes: Vec<_> = files.iter().filter(|(_, text)| text.contains(maker)).collect();
        for (file, _) in &makes {
            if !is_within(file, places) {
                wrong.push(format!("{}: {maker} belongs into {places:?}", file.display()));
            }
        }
        for place in places {
            if !makes.iter().any(|(file, _)| is_within(file, &[*place])) {
                wrong.push(format!("{place}: no longer needs {maker}; remove the exception"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn clippy_knows_the_makers() {
    let clippy = std::fs::read_to_string(root().join("clippy.toml")).unwrap();
    let parsed: toml::Table = clippy.parse().unwrap();
    let methods = parsed["disallowed-methods"].as_array().unwrap();
    for entry in methods {
        assert!(entry["reason"].as_str().is_some_and(|reason| reason.len() > 20), "{entry}: say why");
    }
    // In two parts, so that this file does not look like one that makes them.
    let makers = [
        ("SessionContext", "new"),
        ("SessionStateBuilder", "new"),
        ("ListingTable", "try_new"),
        ("Parser", "new"),
        ("Parser", "parse_sql"),
        ("SessionContext", "sql"),
    ];
    for (of, maker) in makers {
        let maker = format!("{of}::{maker}");
        let known = |entry: &toml::Value| entry["path"].as_str().is_some_and(|path| path.ends_with(&maker));
        assert!(methods.iter().any(known), "clippy.toml does not forbid {maker}");
    }
}

#[test]
fn the_lint_is_expected_in_the_access_room_only() {
    let lint = concat!("clippy::disallowed", "_methods");
    let files = texts(&["rs"]).unwrap();
    let speaking: Vec<_> =
        files.iter().filter(|(_, text)| text.contains(lint)).map(|(file, _)| file).collect();
    let outside: Vec<_> = speaking.iter().filter(|file| !is_within(file, &EXPECTED)).collect();
    assert!(outside.is_empty(), "the lint is switched off in {outside:?}");
    let inside = speaking.iter().filter(|file| is_within(file, &EXPECTED[..1])).count();
    // The engine's template, the context of rollups made from it, and the parser behind the text fence.
    assert!((1..=3).contains(&inside), "few files of the access room make sessions: {speaking:?}");
}

/// A principal carries its scope: whoever mints one decides what is seen. One place does, from stored identities.
#[test]
fn one_place_mints_principals() {
    let (issuer, makes) = (concat!("Principal", "Issuer::new("), concat!(".iss", "ue("));
    let files = texts(&["rs"]).unwrap();
    let production = |text: &str| text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
    let of = |word: &str| -> Vec<String> {
        let held = files.iter().filter(|(file, _)| !is_of_tests(file));
        let with = held.filter(|(_, text)| production(text).contains(word));
        with.map(|(file, _)| file.display().to_string()).collect()
    };
    // By the roles of the set a server starts with, and by those of each one it takes up.
    assert_eq!(of(issuer), ["api/src/app/open.rs", "api/src/app/renewed.rs"]);
    // What a stored role may do comes from the checked definitions of the server, and from nowhere else.
    let (loads, reads, built_in) =
        (concat!("Roles::", "load("), concat!("Roles::", "read("), concat!("Roles::", "builtin("));
    assert_eq!(of(loads), ["api/src/definitions/set.rs"]);
    assert_eq!((of(reads).len(), of(built_in).len()), (0, 0));
    let issuing = of(makes);
    let elsewhere: Vec<_> = issuing.iter().filter(|file| !file.starts_with("api/src/app/")).collect();
    assert!(elsewhere.is_empty(), "principals are issued in {elsewhere:?}");
    assert!(!issuing.is_empty());
}

/// What is kept for later is kept for whom. Every type that keeps answers stands in the list, with the constructor of
/// its key; that constructor takes the fingerprint of access.
#[test]
fn caches_are_keyed_by_access() {
    let golden = std::fs::read_to_string(root().join("tests/golden/caches.txt")).unwrap();
    let listed: Vec<(&str, &str)> = golden
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once(": ").unwrap())
        .collect();
    let keeps =
        regex::Regex::new(r"(?m)^\s*(?:pub(?:\([a-z]+\))? )?struct \w*(?:Cache|Kept|Memo)\b").unwrap();
    let files = texts(&["rs"]).unwrap();
    let mut wrong = Vec::new();
    for (file, text) in files.iter().filter(|(file, _)| !is_of_tests(file)) {
        let name = file.to_str().unwrap();
        if keeps.is_match(text) && !listed.iter().any(|(known, _)| *known == name) {
            wrong.push(format!("{name}: keeps something; list it in tests/golden/caches.txt"));
        }
    }
    for (file, what) in &listed {
        let Some((_, text)) = files.iter().find(|(name, _)| name.to_str() == Some(*file)) else {
            wrong.push(format!("{file}: does not exist; remove its line"));
            continue;
        };
        match what.strip_prefix("key ") {
            Some(constructor) => {
                let signature = text.split_once(&format!("fn {constructor}")).map(|(_, rest)| rest);
                let signature = signature.and_then(|rest| rest.split('{').next()).unwrap_or_default();
                if !signature.contains("AccessFingerprint") {
                    wrong.push(format!("{file}: fn {constructor} does not take the AccessFingerprint"));
                }
            }
            None if what.starts_with("no answers, ") => {}
            None => wrong.push(format!("{file}: say `key CONSTRUCTOR` or `no answers, WHY`")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
