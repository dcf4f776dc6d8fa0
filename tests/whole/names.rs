//! Sources know no resource, dimension or member by name: those are definitions, and another department has others. The
//! names are read from the definitions and looked for in Rust, TypeScript and Vue outside definitions, demonstration data
//! and tests. What remains stands in `golden/defined-names.txt`, which may only shrink.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pujiang_tests::repository::{root, texts};

/// Dimensions the platform itself is made of: rows are cut by them.
const OF_THE_PLATFORM: [&str; 3] = ["district", "place", "street"];

/// Names of definitions.
#[derive(Default)]
struct Names {
    /// Ids that are no word of any other language: looked for wherever they stand.
    plain: BTreeSet<String>,
    /// Ids that are words: looked for in quotes.
    quoted: BTreeSet<String>,
}

impl Names {
    fn of_the_definitions() -> Self {
        let mut names = Self::default();
        for (file, text) in texts(&["toml"]).unwrap() {
            let id = file.file_stem().unwrap().to_str().unwrap();
            if file.starts_with("transactional/resources") {
                names.id(id);
            } else if file.starts_with("metrics/dimensions") && !OF_THE_PLATFORM.contains(&id) {
                names.id(id);
                names.plain.extend(members(&text));
            }
        }
        names
    }

    fn id(&mut self, id: &str) {
        let names = if id.contains('_') { &mut self.plain } else { &mut self.quoted };
        names.insert(id.to_owned());
    }

    /// The names a line of a source says.
    fn said<'n>(&'n self, line: &str) -> Vec<&'n str> {
        let quotes =
            |name: &str| ['"', '\'', '`'].iter().any(|quote| line.contains(&format!("{quote}{name}{quote}")));
        let plain = self.plain.iter().filter(|name| stands_alone(line, name));
        plain.chain(self.quoted.iter().filter(|name| quotes(name))).map(String::as_str).collect()
    }
}

fn members(definition: &str) -> Vec<String> {
    let parsed: toml::Table = definition.parse().unwrap();
    let listed = parsed.get("member").and_then(toml::Value::as_array);
    listed.into_iter().flatten().map(|member| member["code"].as_str().unwrap().to_owned()).collect()
}

/// Whether a line has the name as a word of its own.
fn stands_alone(line: &str, name: &str) -> bool {
    let of_a_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + name.len()..].chars().next();
        !before.is_some_and(of_a_word) && !after.is_some_and(of_a_word)
    })
}

/// Whether a file is a source that must know no names.
fn is_source(file: &Path) -> bool {
    let name = file.file_name().unwrap().to_str().unwrap();
    let folders = ["tests", "examples", "e2e", "demo"];
    !file.components().any(|part| folders.iter().any(|folder| part.as_os_str() == *folder))
        && !name.ends_with(".test.ts")
        && name != "tests.rs"
}

/// Modules that are compiled for tests alone: `#[cfg(test)]`, then `mod x;` in the file above.
fn modules_of_tests(sources: &[(PathBuf, String)]) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for (file, text) in sources {
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            let Some(next) = lines.peek().filter(|_| line == "#[cfg(test)]") else { continue };
            let module = next.trim_end_matches(';').rsplit(' ').next().unwrap();
            if next.ends_with(';') && next.contains("mod ") {
                found.insert(file.with_file_name(format!("{module}.rs")));
            }
        }
    }
    found
}

/// The lines of a source that are no comment and not of its tests, which stand at its end.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut of_tests = false;
    let mut before = "";
    text.lines().filter(move |line| {
        of_tests |= before == "#[cfg(test)]" && line.contains("mod ") && line.ends_with('{');
        before = *line;
        let start = line.trim_start();
        !of_tests && !["//", "/*", "*", "<!--"].iter().any(|comment| start.starts_with(comment))
    })
}

#[test]
fn sources_know_no_definition_by_name() {
    let names = Names::of_the_definitions();
    let sources: Vec<_> =
        texts(&["rs", "ts", "vue"]).unwrap().into_iter().filter(|(file, _)| is_source(file)).collect();
    let of_tests = modules_of_tests(&sources);
    let mut said: BTreeSet<String> = BTreeSet::new();
    for (file, text) in sources.iter().filter(|(file, _)| !of_tests.contains(file)) {
        let found = lines(text).flat_map(|line| names.said(line));
        said.extend(found.map(|name| format!("{}: {name}", file.display())));
    }
    let golden = std::fs::read_to_string(root().join("tests/golden/defined-names.txt")).unwrap();
    let excused: BTreeSet<String> = golden
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once("  ").unwrap_or_else(|| panic!("{line}: say why")).0.to_owned())
        .collect();
    let new: Vec<_> = said.difference(&excused).collect();
    assert!(new.is_empty(), "let the definitions say it, not the source: {new:#?}");
    let gone: Vec<_> = excused.difference(&said).collect();
    assert!(gone.is_empty(), "no longer said; remove from tests/golden/defined-names.txt: {gone:#?}");
}

#[test]
fn names_are_found_where_a_source_says_them() {
    let names = Names::of_the_definitions();
    let check = |text: &str, expected: &[&str]| {
        let said: Vec<&str> = lines(text).flat_map(|line| names.said(line)).collect();
        assert_eq!(said, expected, "{text}");
    };
    check("let table = \"benefit_transaction\";", &["benefit_transaction"]);
    check("const COLOURS = { 文旅: '#2b6cb8' }", &["文旅"]);
    check("if (dimension === 'category') return", &["category"]);
    check("redirect: '/boards/benefit', // 上海市文旅局", &[]);
    check("// the table benefit_transaction\n/// 文旅", &[]);
    check("let benefit_transactions = person.category;", &[]);
    check("#[cfg(test)]\nmod tests {\n    const T: &str = \"benefit_transaction\";\n}", &[]);
    assert!(names.plain.contains("电子证") && names.quoted.contains("person"));
}
