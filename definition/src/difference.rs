//! What differs between two sets of files that lie over the definitions, file by file and line by line.

use std::collections::BTreeSet;

use super::overlay::Overlay;

/// Lines around a change that are shown.
const AROUND: usize = 2;
/// Pairs of lines compared at the most; larger stretches are shown as replaced.
const PAIRS: usize = 4_000_000;

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileChange {
    /// It was not there before.
    Added,
    /// Its text is another.
    Changed,
    /// It is there no more.
    Removed,
}

/// One file that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDifference {
    /// Name below the folder.
    pub file: String,
    /// What happened to it.
    pub change: FileChange,
    /// Changed lines behind `+` and `-`, lines around them behind a space, `…` where lines are left out.
    pub lines: Vec<String>,
}

/// The files that differ, in the order of their names.
#[must_use]
pub fn differences(older: &Overlay, newer: &Overlay) -> Vec<FileDifference> {
    let names: BTreeSet<&str> = older.texts().chain(newer.texts()).map(|(name, _)| name).collect();
    let differ = |name: &str| {
        let (before, after) = (older.text(name), newer.text(name));
        let change = match (before, after) {
            (None, _) => FileChange::Added,
            (_, None) => FileChange::Removed,
            (Some(before), Some(after)) if before == after => return None,
            _ => FileChange::Changed,
        };
        let lines = shortened(&compared(before.unwrap_or_default(), after.unwrap_or_default()));
        Some(FileDifference { file: name.to_owned(), change, lines })
    };
    names.into_iter().filter_map(differ).collect()
}

/// Every line with its sign: a longest common subsequence between what both texts begin and end with.
fn compared<'t>(older: &'t str, newer: &'t str) -> Vec<(char, &'t str)> {
    let (old, new): (Vec<&str>, Vec<&str>) = (older.lines().collect(), newer.lines().collect());
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - start;
    let end = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let (left, right) = (&old[start..old.len() - end], &new[start..new.len() - end]);
    let mut lines: Vec<(char, &str)> = old[..start].iter().map(|line| (' ', *line)).collect();
    match left.len() * right.len() <= PAIRS {
        true => common(left, right, &mut lines),
        false => {
            lines.extend(left.iter().map(|line| ('-', *line)));
            lines.extend(right.iter().map(|line| ('+', *line)));
        }
    }
    lines.extend(old[old.len() - end..].iter().map(|line| (' ', *line)));
    lines
}

fn common<'t>(left: &[&'t str], right: &[&'t str], lines: &mut Vec<(char, &'t str)>) {
    let width = right.len() + 1;
    // How many lines are common from a pair on.
    let mut longest = vec![0_u32; (left.len() + 1) * width];
    for i in (0..left.len()).rev() {
        for j in (0..right.len()).rev() {
            longest[i * width + j] = match left[i] == right[j] {
                true => longest[(i + 1) * width + j + 1] + 1,
                false => longest[(i + 1) * width + j].max(longest[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < left.len() || j < right.len() {
        if i < left.len() && j < right.len() && left[i] == right[j] {
            lines.push((' ', left[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == right.len()
            || i < left.len() && longest[(i + 1) * width + j] >= longest[i * width + j + 1]
        {
            lines.push(('-', left[i]));
            i += 1;
        } else {
            lines.push(('+', right[j]));
            j += 1;
        }
    }
}

fn shortened(lines: &[(char, &str)]) -> Vec<String> {
    let near = |at: usize| {
        let from = at.saturating_sub(AROUND);
        lines[from..(at + AROUND + 1).min(lines.len())].iter().any(|(sign, _)| *sign != ' ')
    };
    let mut shown = Vec::new();
    let mut left_out = false;
    for (at, (sign, line)) in lines.iter().enumerate() {
        if near(at) {
            if left_out && !shown.is_empty() {
                shown.push("…".to_owned());
            }
            shown.push(format!("{sign}{line}"));
        }
        left_out = !near(at);
    }
    shown
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn overlay(files: &[(&str, &str)]) -> Overlay {
        Overlay::of(
            files
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect::<BTreeMap<_, _>>(),
        )
    }

    #[test]
    fn files_and_lines_that_differ_are_told() {
        let older = overlay(&[("a", "1\n2\n3\n4\n5\n6\n7\n8\n9"), ("b", "x"), ("c", "same")]);
        let newer = overlay(&[("a", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10"), ("c", "same"), ("d", "y\nz")]);
        let found = differences(&older, &newer);
        let shown: Vec<(&str, FileChange, String)> =
            found.iter().map(|one| (one.file.as_str(), one.change, one.lines.join("|"))).collect();
        assert_eq!(
            shown,
            [
                ("a", FileChange::Changed, " 3| 4|-5|+five| 6| 7| 8| 9|+10".to_owned()),
                ("b", FileChange::Removed, "-x".to_owned()),
                ("d", FileChange::Added, "+y|+z".to_owned()),
            ]
        );
        assert!(differences(&newer, &newer).is_empty());
    }

    #[test]
    fn what_is_far_from_a_change_is_left_out() {
        let older = overlay(&[("a", "1\n2\n3\n4\n5\n6\n7\n8\n9")]);
        let newer = overlay(&[("a", "0\n1\n2\n3\n4\n5\n6\n7\n8")]);
        let lines = differences(&older, &newer).remove(0).lines;
        assert_eq!(lines.join("|"), "+0| 1| 2|…| 7| 8|-9");
    }
}
