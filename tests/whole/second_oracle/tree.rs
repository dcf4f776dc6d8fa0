//! A random statement as a tree, so that it can be written out, and cut down to the part that matters.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::relations::Relation;

/// A relation under the name it goes by in a statement.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The name the template calls it.
    pub variable: String,
    pub alias: String,
    pub columns: Vec<(String, String)>,
    /// What stands in FROM; nothing for what a template makes itself.
    pub relation: Option<&'static Relation>,
}

impl Seen {
    /// As an item of FROM.
    pub fn item(&self) -> String {
        let (text, named) = self.relation.map_or((self.variable.as_str(), ""), |r| (r.text, r.named));
        format!("{text} {}{named}", self.alias)
    }

    pub fn key(&self) -> String {
        let key = self.relation.map_or(self.columns[0].0.as_str(), |relation| relation.key);
        format!("{}.{key}", self.alias)
    }
}

/// A piece of a statement.
#[derive(Debug, Clone)]
pub enum Part {
    Text(String),
    Bound {
        kind: String,
        value: String,
    },
    Node(Node),
    /// Separated by commas, one at least.
    List(Vec<Node>),
    Optional(Vec<Part>),
}

/// What was made of one hole.
#[derive(Debug, Clone)]
pub struct Node {
    /// Where in the grammar it stands; what fits one hole of a section fits all.
    pub section: String,
    /// The rule it was made by; none for a column.
    pub rule: Option<usize>,
    /// What it may name.
    pub scope: Rc<Vec<Seen>>,
    pub parts: Vec<Part>,
}

/// A statement ready to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub sql: String,
    /// PostgreSQL type and text of each value bound.
    pub bound: Vec<(String, String)>,
}

impl Written {
    /// The statement with its values in it, for people to try.
    pub fn told(&self) -> String {
        if self.bound.is_empty() {
            return self.sql.clone();
        }
        let values: Vec<String> = self
            .bound
            .iter()
            .zip(1..)
            .map(|((kind, value), at)| format!("${at}={value:?}::{kind}"))
            .collect();
        format!("{}   -- {}", self.sql, values.join(", "))
    }
}

impl Node {
    pub fn written(&self) -> Written {
        let mut written = Written { sql: String::new(), bound: Vec::new() };
        self.write(&mut written);
        written
    }

    fn write(&self, to: &mut Written) {
        self.parts.iter().for_each(|part| part.write(to));
    }

    /// The rules it was made by.
    pub fn rules(&self) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        self.visit(&mut |node| found.extend(node.rule));
        found
    }

    /// Itself and everything in it, from the top and the left.
    pub fn visit<'n>(&'n self, seen: &mut dyn FnMut(&'n Node)) {
        seen(self);
        self.parts.iter().for_each(|part| part.visit(seen));
    }

    /// The same for changing; the change says whether it is done.
    pub fn edit(&mut self, change: &mut dyn FnMut(&mut Node) -> bool) -> bool {
        change(self) || self.parts.iter_mut().any(|part| part.edit(change))
    }
}

impl Part {
    fn visit<'n>(&'n self, seen: &mut dyn FnMut(&'n Node)) {
        match self {
            Self::Node(node) => node.visit(seen),
            Self::List(nodes) => nodes.iter().for_each(|node| node.visit(seen)),
            Self::Optional(parts) => parts.iter().for_each(|part| part.visit(seen)),
            Self::Text(_) | Self::Bound { .. } => {}
        }
    }

    fn edit(&mut self, change: &mut dyn FnMut(&mut Node) -> bool) -> bool {
        match self {
            Self::Node(node) => node.edit(change),
            Self::List(nodes) => nodes.iter_mut().any(|node| node.edit(change)),
            Self::Optional(parts) => parts.iter_mut().any(|part| part.edit(change)),
            Self::Text(_) | Self::Bound { .. } => false,
        }
    }

    fn write(&self, to: &mut Written) {
        match self {
            Self::Text(text) => to.sql.push_str(text),
            Self::Bound { kind, value } => {
                to.bound.push((kind.clone(), value.clone()));
                to.sql.push_str(&format!("${}", to.bound.len()));
            }
            Self::Node(node) => node.write(to),
            Self::List(nodes) => {
                for (at, node) in nodes.iter().enumerate() {
                    to.sql.push_str(if at == 0 { "" } else { ", " });
                    node.write(to);
                }
            }
            Self::Optional(parts) => parts.iter().for_each(|part| part.write(to)),
        }
    }
}
