//! Random statements from the grammar. Whatever SQL leaves open is closed by the templates: limits have a total order,
//! and what can fail stands only where it is worked out for a known set of rows.

use std::rc::Rc;

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use super::relations::{LISTS, Relation, TABLES};
use super::rules::{Brought, Grammar, Piece, Rule};
use super::tree::{Node, Part, Seen};

/// What `{T}` and `{U}` may be.
const COMPARABLE: [&str; 9] = ["sint", "sint", "num", "num", "text", "text", "day", "time", "int"];
/// How deep expressions are within each other.
const DEPTH: u32 = 3;

/// Draws statements.
pub struct Grower<'g> {
    grammar: &'g Grammar,
    rng: &'g mut ChaCha8Rng,
    /// Names given so far.
    named: usize,
    /// Whether values are bound to the statement instead of written into it.
    binds: bool,
}

/// What holds for a part of a statement.
#[derive(Clone)]
struct Place {
    depth: u32,
    may_fail: bool,
    scope: Rc<Vec<Seen>>,
}

impl<'g> Grower<'g> {
    pub fn new(grammar: &'g Grammar, rng: &'g mut ChaCha8Rng) -> Self {
        let binds = rng.random_range(0..4) == 0;
        Self { grammar, rng, named: 0, binds }
    }

    /// A statement of any shape.
    pub fn statement(&mut self) -> (Node, bool) {
        let rule = self.drawn("query", |_| true);
        let ordered = self.grammar.rules[rule].ordered;
        let may_fail = self.grammar.rules[rule].fails;
        let place = Place { depth: DEPTH, may_fail, scope: Rc::default() };
        (self.made("query", rule, &place), ordered)
    }

    /// A statement that does little but use one rule of an expression.
    pub fn statement_with(&mut self, rule: usize, section: &str) -> (Node, bool) {
        self.binds = self.grammar.rules[rule].is_bound() || self.rng.random_range(0..6) == 0;
        if section == "query" {
            let may_fail = self.grammar.rules[rule].fails;
            let place = Place { depth: 1, may_fail, scope: Rc::default() };
            return (self.made("query", rule, &place), self.grammar.rules[rule].ordered);
        }
        // Over rows for what does not fail, else and now and then over constants.
        let fails = self.grammar.rules[rule].fails;
        let over = if fails || self.rng.random_range(0..4) == 0 {
            None
        } else {
            Some(self.relation(&Brought::Any, "t"))
        };
        let over = if section.starts_with("agg") || section == "win" {
            Some(over.unwrap_or_else(|| self.relation(&Brought::Table, "t")))
        } else {
            over
        };
        let scope = Rc::new(over.iter().cloned().collect::<Vec<_>>());
        let place = Place { depth: 1, may_fail: fails, scope: scope.clone() };
        let node = self.made(section, rule, &place);
        let from = over.map_or_else(String::new, |seen| format!(" from {}", seen.item()));
        let parts = vec![Part::Text("select ".into()), Part::Node(node), Part::Text(from)];
        (Node { section: "query".into(), rule: None, scope: Rc::default(), parts }, false)
    }

    fn drawn(&mut self, section: &str, fits: impl Fn(&Rule) -> bool) -> usize {
        let binds = self.binds;
        let fitting: Vec<usize> = self
            .grammar
            .section(section)
            .iter()
            .copied()
            .filter(|rule| {
                fits(&self.grammar.rules[*rule]) && (binds || !self.grammar.rules[*rule].is_bound())
            })
            .collect();
        let weight = |rule: &usize| {
            let rule = &self.grammar.rules[*rule];
            if rule.is_bound() { 6 } else { rule.weight }
        };
        *fitting.choose_weighted(self.rng, weight).unwrap_or_else(|_| panic!("nothing fits {section}"))
    }

    /// Something of a section.
    fn hole(&mut self, section: &str, place: &Place) -> Node {
        let columns: Vec<String> = place
            .scope
            .iter()
            .flat_map(|seen| seen.columns.iter().map(move |column| (seen, column)))
            .filter(|(_, (_, of))| of == section || (section == "int" && of == "sint"))
            .map(|(seen, (name, _))| format!("{}.{name}", seen.alias))
            .collect();
        let leaf = place.depth == 0;
        if !columns.is_empty() && self.rng.random_range(0..10) < if leaf { 7 } else { 3 } {
            let column = columns.choose(self.rng).unwrap().clone();
            let scope = place.scope.clone();
            return Node { section: section.into(), rule: None, scope, parts: vec![Part::Text(column)] };
        }
        let may_fail = place.may_fail;
        let leaves =
            leaf && self.grammar.section(section).iter().any(|rule| self.grammar.rules[*rule].is_leaf());
        let rule = self.drawn(section, |rule| (!rule.fails || may_fail) && (!leaves || rule.is_leaf()));
        self.made(section, rule, place)
    }

    fn made(&mut self, section: &str, rule: usize, place: &Place) -> Node {
        let grammar = self.grammar;
        let rule_of = &grammar.rules[rule];
        let brought: Vec<Seen> =
            rule_of.brings.iter().map(|(variable, what)| self.relation(what, variable)).collect();
        let kinds = [self.kind(), self.kind()];
        let brought: Vec<Seen> = brought.into_iter().map(|seen| with_kinds(seen, &kinds)).collect();
        let inner = Place {
            depth: place.depth.saturating_sub(u32::from(section != "query")),
            may_fail: place.may_fail && !rule_of.lazy,
            scope: place.scope.clone(),
        };
        let parts = self.parts(&rule_of.pieces, &inner, &brought, &kinds);
        Node { section: section.into(), rule: Some(rule), scope: place.scope.clone(), parts }
    }

    fn kind(&mut self) -> &'static str {
        COMPARABLE.choose(self.rng).unwrap()
    }

    fn parts(&mut self, pieces: &[Piece], place: &Place, brought: &[Seen], kinds: &[&str; 2]) -> Vec<Part> {
        let of = |variable: &String| {
            brought.iter().chain(place.scope.iter()).find(|seen| seen.variable == *variable).unwrap()
        };
        let mut parts = Vec::new();
        let mut signed: Vec<(char, Node)> = Vec::new();
        for piece in pieces {
            parts.push(match piece {
                Piece::Text(text) => Part::Text(text.clone()),
                Piece::Choice(choices) => Part::Text(choices.choose(self.rng).unwrap().clone()),
                Piece::Bound { kind, values } => {
                    Part::Bound { kind: kind.clone(), value: values.choose(self.rng).unwrap().clone() }
                }
                Piece::Item(variable) => Part::Text(of(variable).item()),
                Piece::Name(variable) => Part::Text(of(variable).alias.clone()),
                Piece::Key(variable) => Part::Text(of(variable).key()),
                Piece::Optional(inner) if self.rng.random_range(0..2) == 0 => {
                    Part::Optional(self.parts(inner, place, brought, kinds))
                }
                Piece::Optional(_) => continue,
                Piece::Hole { section, scope, most, sign } => {
                    let section = match section.as_str() {
                        "T" => kinds[0],
                        "U" => kinds[1],
                        other => other,
                    };
                    let scope = match scope {
                        None => place.scope.clone(),
                        Some(names) => Rc::new(self.scope(names, place, brought)),
                    };
                    let place = Place { scope, ..place.clone() };
                    if let Some((_, before)) = signed.iter().find(|(given, _)| Some(*given) == *sign) {
                        Part::Node(before.clone())
                    } else if *most == 0 {
                        let node = self.hole(section, &place);
                        signed.extend(sign.map(|sign| (sign, node.clone())));
                        Part::Node(node)
                    } else {
                        let count = self.rng.random_range(1..=*most);
                        Part::List((0..count).map(|_| self.hole(section, &place)).collect())
                    }
                }
            });
        }
        parts
    }

    /// The relations a hole names; `+` is everything the parent may name.
    fn scope(&self, names: &[String], place: &Place, brought: &[Seen]) -> Vec<Seen> {
        let mut seen = Vec::new();
        for name in names {
            match brought.iter().find(|seen| seen.variable == *name) {
                Some(one) => seen.push(one.clone()),
                None => seen
                    .extend(place.scope.iter().filter(|one| name == "+" || one.variable == *name).cloned()),
            }
        }
        seen
    }

    fn relation(&mut self, what: &Brought, variable: &str) -> Seen {
        let relation: &'static Relation = match what {
            Brought::Any if self.rng.random_range(0..4) == 0 => LISTS.choose(self.rng).unwrap(),
            Brought::Any | Brought::Table => TABLES.choose(self.rng).unwrap(),
            Brought::Made(columns) => {
                return Seen {
                    variable: variable.to_owned(),
                    alias: variable.to_owned(),
                    columns: columns.clone(),
                    relation: None,
                };
            }
        };
        self.named += 1;
        Seen {
            variable: variable.to_owned(),
            alias: format!("{variable}{}", self.named),
            columns: relation
                .columns
                .iter()
                .map(|(name, of)| ((*name).to_owned(), (*of).to_owned()))
                .collect(),
            relation: Some(relation),
        }
    }
}

/// A relation of the template's own making may have columns of the drawn types.
fn with_kinds(mut seen: Seen, kinds: &[&str; 2]) -> Seen {
    for (_, of) in &mut seen.columns {
        match of.as_str() {
            "T" => *of = kinds[0].to_owned(),
            "U" => *of = kinds[1].to_owned(),
            _ => {}
        }
    }
    seen
}
