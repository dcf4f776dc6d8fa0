//! Cuts a statement on which two servers differ down to one that still shows it, so that a report names the fault and the
//! list of differences is compared with the fault alone.

use std::collections::BTreeSet;

use super::tree::{Node, Part};

/// The plainest thing of each section.
const PLAINEST: [(&str, &[&str]); 19] = [
    ("sint", &["1"]),
    ("int", &["1"]),
    ("num", &["1.5"]),
    ("nleaf", &["1.5"]),
    ("flo", &["0.5::float8"]),
    ("text", &["'a'"]),
    ("bool", &["true", "false"]),
    ("day", &["date '2026-10-01'"]),
    ("time", &["timestamp '2026-10-01 00:30:00'"]),
    ("zoned", &["timestamptz '2026-10-01 00:30:00+08'"]),
    ("span", &["interval '1 day'"]),
    ("texts", &["array['a']"]),
    ("ints", &["array[1]"]),
    ("agg", &["count(*)"]),
    ("aggint", &["count(*)"]),
    ("aggnum", &["sum(1.5)"]),
    ("aggbool", &["true"]),
    ("win", &["count(*) over ()"]),
    ("any", &["1"]),
];

/// Statements with less in them, the smallest first.
pub fn smaller(whole: &Node) -> Vec<Node> {
    let mut found = alone(whole);
    let mut count = 0;
    whole.visit(&mut |_| count += 1);
    for at in 0..count {
        let mut changes = Vec::new();
        let mut number = 0;
        whole.visit(&mut |node| {
            if number == at {
                changes = changes_of(node);
            }
            number += 1;
        });
        found.extend(changes.into_iter().map(|change| changed(whole, at, change)));
    }
    let length = whole.written().sql.len();
    found.retain(|node| node.written().sql.len() < length);
    found.sort_by_key(|node| node.written().sql.len());
    found.dedup_by_key(|node| node.written().sql);
    found
}

/// Every expression as a statement of its own.
fn alone(whole: &Node) -> Vec<Node> {
    let mut found = Vec::new();
    whole.visit(&mut |node| {
        if !PLAINEST.iter().any(|(section, _)| *section == node.section) || node.scope.len() > 1 {
            return;
        }
        let from = match node.scope.first() {
            Some(seen) if seen.relation.is_some() => format!(" from {}", seen.item()),
            Some(_) => return,
            None => String::new(),
        };
        let parts = vec![Part::Text("select ".into()), Part::Node(node.clone()), Part::Text(from)];
        found.push(Node { section: "query".into(), rule: None, scope: node.scope.clone(), parts });
    });
    found
}

/// What may stand in a node's place.
fn changes_of(node: &Node) -> Vec<Node> {
    let mut found = Vec::new();
    let texts = PLAINEST.iter().filter(|(section, _)| *section == node.section).flat_map(|(_, texts)| *texts);
    let columns = node.scope.iter().flat_map(|seen| {
        seen.columns
            .iter()
            .filter(|(_, of)| *of == node.section)
            .map(|(name, _)| format!("{}.{name}", seen.alias))
    });
    for text in texts.map(|text| (*text).to_owned()).chain(columns) {
        let parts = vec![Part::Text(text)];
        found.push(Node { rule: None, parts, section: node.section.clone(), scope: node.scope.clone() });
    }
    let names = |node: &Node| node.scope.iter().map(|seen| seen.alias.clone()).collect::<BTreeSet<_>>();
    let own = names(node);
    node.visit(&mut |inner| {
        if !std::ptr::eq(inner, node) && inner.section == node.section && names(inner).is_subset(&own) {
            found.push(inner.clone());
        }
    });
    for at in 0..node.parts.len() {
        match &node.parts[at] {
            Part::List(nodes) if nodes.len() > 1 => {
                for out in 0..nodes.len() {
                    let mut less = node.clone();
                    if let Part::List(nodes) = &mut less.parts[at] {
                        nodes.remove(out);
                    }
                    found.push(less);
                }
            }
            Part::Optional(_) => {
                let mut less = node.clone();
                less.parts.remove(at);
                found.push(less);
            }
            _ => {}
        }
    }
    found
}

fn changed(whole: &Node, at: usize, change: Node) -> Node {
    let mut changed = whole.clone();
    let mut number = 0;
    let mut change = Some(change);
    changed.edit(&mut |node| {
        let here = number == at;
        number += 1;
        if here && let Some(change) = change.take() {
            *node = change;
        }
        here
    });
    changed
}
