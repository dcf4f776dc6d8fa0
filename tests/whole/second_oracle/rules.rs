//! The grammar as data: sections of templates, read from `grammar/`. A line is one way to write what its section is
//! called; `grammar/README.md` says how. Nothing is drawn here; that is `grow`.

use std::collections::BTreeMap;

/// The files of the grammar.
const FILES: [(&str, &str); 6] = [
    ("numbers", include_str!("grammar/numbers.txt")),
    ("texts", include_str!("grammar/texts.txt")),
    ("times", include_str!("grammar/times.txt")),
    ("logic", include_str!("grammar/logic.txt")),
    ("groups", include_str!("grammar/groups.txt")),
    ("queries", include_str!("grammar/queries.txt")),
];

/// A piece of a template.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    Text(String),
    /// Something of a section, once or up to a number of times, in the scope of the relations named or of the parent.
    /// Holes with the same sign are filled alike.
    Hole {
        section: String,
        scope: Option<Vec<String>>,
        most: usize,
        sign: Option<char>,
    },
    /// One of several spellings.
    Choice(Vec<String>),
    /// One of several values of a PostgreSQL type, bound to the statement.
    Bound {
        kind: String,
        values: Vec<String>,
    },
    /// What is left out now and then.
    Optional(Vec<Piece>),
    /// A relation as an item of FROM.
    Item(String),
    /// The name a relation goes by.
    Name(String),
    /// A relation's unique column.
    Key(String),
}

/// A relation a template brings along.
#[derive(Debug, Clone, PartialEq)]
pub enum Brought {
    /// Any that is known.
    Any,
    /// One of the lake.
    Table,
    /// Columns of the template's own making: name and section.
    Made(Vec<(String, String)>),
}

/// One way to write something.
#[derive(Debug, Clone)]
pub struct Rule {
    /// File, section and template: what reports call it.
    pub name: String,
    /// May fail for a row (PostgreSQL's class 22).
    pub fails: bool,
    /// Parts of it are not worked out for every row, so that nothing in it may fail.
    pub lazy: bool,
    /// The order of rows is part of the answer.
    pub ordered: bool,
    /// How often it is drawn, compared with others.
    pub weight: u32,
    pub brings: Vec<(String, Brought)>,
    pub pieces: Vec<Piece>,
}

impl Rule {
    /// Whether it ends here: nothing else has to be drawn for it.
    pub fn is_leaf(&self) -> bool {
        self.brings.is_empty() && !self.pieces.iter().any(|piece| matches!(piece, Piece::Hole { .. }))
    }

    /// Whether it is a value bound to the statement.
    pub fn is_bound(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Bound { .. }))
    }
}

/// The whole grammar.
pub struct Grammar {
    pub rules: Vec<Rule>,
    sections: BTreeMap<String, Vec<usize>>,
}

impl Grammar {
    /// The grammar of the repository.
    pub fn builtin() -> Self {
        let mut grammar = Self { rules: Vec::new(), sections: BTreeMap::new() };
        for (file, text) in FILES {
            let mut sections: Vec<String> = Vec::new();
            for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
            {
                if let Some(names) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                    sections = names.split_whitespace().map(str::to_owned).collect();
                    continue;
                }
                for section in &sections {
                    // In a list of sections `{T}` is the section itself.
                    let own = if sections.len() > 1 {
                        line.replace("{T", &format!("{{{section}"))
                    } else {
                        line.to_owned()
                    };
                    grammar.sections.entry(section.clone()).or_default().push(grammar.rules.len());
                    grammar.rules.push(rule(file, section, &own));
                }
            }
        }
        grammar
    }

    /// The rules of a section.
    pub fn section(&self, name: &str) -> &[usize] {
        self.sections.get(name).unwrap_or_else(|| panic!("the grammar has no section {name}"))
    }

    pub fn sections(&self) -> impl Iterator<Item = &str> {
        self.sections.keys().map(String::as_str)
    }
}

fn rule(file: &str, section: &str, line: &str) -> Rule {
    let (marks, template) = line.split_once(" : ").unwrap_or(("", line));
    let mut rule = Rule {
        name: format!("{file}/{section}: {template}"),
        fails: false,
        lazy: false,
        ordered: false,
        weight: 1,
        brings: Vec::new(),
        pieces: pieces(template),
    };
    for mark in marks.split_whitespace() {
        match (mark, mark.split_once('=')) {
            ("!", _) => rule.fails = true,
            ("~", _) => rule.lazy = true,
            ("ordered", _) => rule.ordered = true,
            (_, Some((name, "any"))) => rule.brings.push((name.to_owned(), Brought::Any)),
            (_, Some((name, "table"))) => rule.brings.push((name.to_owned(), Brought::Table)),
            (_, Some((name, made))) => rule.brings.push((name.to_owned(), Brought::Made(columns(made)))),
            _ => {
                rule.weight = mark
                    .strip_prefix('x')
                    .and_then(|n| n.parse().ok())
                    .unwrap_or_else(|| panic!("{mark} in {line}"))
            }
        }
    }
    rule
}

/// `(i:sint,w:text)`.
fn columns(text: &str) -> Vec<(String, String)> {
    let inner = text.trim_start_matches('(').trim_end_matches(')');
    inner
        .split(',')
        .map(|column| column.split_once(':').unwrap())
        .map(|(name, section)| (name.to_owned(), section.to_owned()))
        .collect()
}

fn pieces(template: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = template;
    let text = |pieces: &mut Vec<Piece>, text: &str| {
        if !text.is_empty() {
            pieces.push(Piece::Text(text.replace('¦', "|")));
        }
    };
    while let Some(at) = rest.find(['{', '@', '⟦']) {
        text(&mut pieces, &rest[..at]);
        rest = &rest[at..];
        if let Some(inner) = rest.strip_prefix('⟦') {
            let end = inner.find('⟧').unwrap_or_else(|| panic!("⟦ without ⟧ in {template}"));
            pieces.push(Piece::Optional(self::pieces(&inner[..end])));
            rest = &inner[end + '⟧'.len_utf8()..];
        } else if let Some(inner) = rest.strip_prefix('@') {
            let end = inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
            let (name, after) = inner.split_at(end);
            rest = after;
            let name = name.to_owned();
            pieces.push(if let Some(after) = rest.strip_prefix(".key") {
                rest = after;
                Piece::Key(name)
            } else if let Some(after) = rest.strip_prefix(".it") {
                rest = after;
                Piece::Name(name)
            } else {
                Piece::Item(name)
            });
        } else {
            let end = closing(rest).unwrap_or_else(|| panic!("{{ without }} in {template}"));
            pieces.push(hole(&rest[1..end]));
            rest = &rest[end + 1..];
        }
    }
    text(&mut pieces, rest);
    pieces
}

/// Where the brace that opens the text is closed.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_i32;
    for (at, letter) in text.char_indices() {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

fn hole(inner: &str) -> Piece {
    let choices = |text: &str| text.split('|').map(|choice| choice.replace('¦', "|")).collect();
    if let Some(text) = inner.strip_prefix('=') {
        return Piece::Choice(choices(text));
    }
    if let Some((kind, values)) = inner.strip_prefix('$').and_then(|inner| inner.split_once('=')) {
        return Piece::Bound { kind: kind.to_owned(), values: choices(values) };
    }
    let (inner, sign) = match inner.split_once('#') {
        Some((inner, sign)) => (inner, sign.chars().next()),
        None => (inner, None),
    };
    let (inner, most) = match inner.split_once('*') {
        Some((inner, most)) => (inner, most.parse().unwrap()),
        None => (inner, 0),
    };
    let (section, scope) = match inner.split_once('@') {
        Some((section, names)) => {
            let names = names.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
            (section, Some(names))
        }
        None => (inner, None),
    };
    Piece::Hole { section: section.to_owned(), scope, most, sign }
}

#[test]
fn every_hole_names_a_section_and_every_section_has_a_leaf_or_a_way_to_one() {
    let grammar = Grammar::builtin();
    for rule in &grammar.rules {
        let mut left: Vec<&Piece> = rule.pieces.iter().collect();
        while let Some(piece) = left.pop() {
            match piece {
                Piece::Optional(inner) => left.extend(inner),
                Piece::Hole { section, .. } if section != "T" && section != "U" => {
                    assert!(!grammar.section(section).is_empty(), "{}", rule.name);
                }
                _ => {}
            }
        }
    }
}
