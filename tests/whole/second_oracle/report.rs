//! What a run came to: how many statements said what, which deliberate differences were met, and every other difference
//! with the least statement that shows it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::asking::Said;
use super::covered::functions;
use super::judge::{Difference, Verdict};
use super::list::Entry;
use super::rules::Grammar;
use super::run::{Compared, rules};
use super::setting;

/// Differences told in full, unless PUJIANG_SECOND_ORACLE_TOLD says how many.
const TOLD: u64 = 40;

pub struct Report<'r> {
    grammar: &'r Grammar,
    entries: &'r [Entry],
    verdicts: BTreeMap<String, u64>,
    met: BTreeMap<&'r str, u64>,
    /// Entries whose example is no difference any more, or another's.
    idle: Vec<String>,
    /// Rules that PostgreSQL answered and we answered alike.
    agreed: BTreeSet<usize>,
    filled: u64,
    all: u64,
    unexplained: BTreeMap<String, (u64, Compared)>,
}

impl<'r> Report<'r> {
    pub fn new(grammar: &'r Grammar, entries: &'r [Entry]) -> Self {
        Self {
            grammar,
            entries,
            verdicts: BTreeMap::new(),
            met: BTreeMap::new(),
            idle: Vec::new(),
            agreed: BTreeSet::new(),
            filled: 0,
            all: 0,
            unexplained: BTreeMap::new(),
        }
    }

    fn entry(&self, compared: &Compared) -> Option<&'r Entry> {
        let Verdict::Differs(how) = compared.verdict else { return None };
        let said = match &compared.ours {
            Said::Refused { words, .. } => words,
            _ => "",
        };
        self.entries.iter().find(|entry| entry.explains(how, &compared.statement.told(), said))
    }

    /// Whether the list explains it.
    pub fn explained(&self, compared: &Compared) -> bool {
        self.entry(compared).is_some()
    }

    /// Takes a statement and, where the answers differ, the least that shows it.
    pub fn take(&mut self, number: u64, whole: Compared, least: Option<Compared>) {
        self.all += 1;
        *self.verdicts.entry(format!("{:?}", whole.verdict)).or_default() += 1;
        if whole.verdict == Verdict::Same {
            self.agreed.extend(&whole.rules);
            self.filled += u64::from(matches!(&whole.postgres, Said::Rows { rows, .. } if !rows.is_empty()));
        }
        let shown = least.unwrap_or(whole);
        if !matches!(shown.verdict, Verdict::Differs(_)) {
            return;
        }
        match self.entry(&shown) {
            Some(entry) => *self.met.entry(&entry.id).or_default() += 1,
            None => {
                let key = format!("{:?} {}", shown.verdict, shown.statement.sql);
                self.unexplained.entry(key).or_insert((number, shown));
            }
        }
    }

    /// Takes what came of the statement an entry shows.
    pub fn take_example(&mut self, entry: &'r Entry, compared: &Compared) {
        if self.entry(compared).is_none_or(|by| by.id != entry.id) {
            self.idle.push(format!(
                "{}: {:?}\n  {}\n  PostgreSQL: {}\n  here:       {}",
                entry.id,
                compared.verdict,
                entry.example,
                told(&compared.postgres),
                told(&compared.ours)
            ));
        }
    }

    /// The least statements whose difference nothing explains.
    pub fn least(&self) -> Vec<String> {
        self.unexplained.values().map(|(_, compared)| compared.statement.told()).collect()
    }

    /// The functions on which both servers agreed.
    pub fn functions(&self) -> BTreeSet<String> {
        functions(self.grammar, self.agreed.iter().copied())
    }

    pub fn assert_nothing_unexplained(&self, seed: u64) {
        let tell = |(number, compared): &(u64, Compared)| {
            format!(
                "statement {number} of PUJIANG_SECOND_ORACLE_SEED={seed}: {:?}\n  {}\n  PostgreSQL: {}\n  here:       {}",
                compared.verdict,
                compared.statement.told(),
                told(&compared.postgres),
                told(&compared.ours)
            )
        };
        let most =
            usize::try_from(setting("PUJIANG_SECOND_ORACLE_TOLD").unwrap_or(TOLD)).unwrap_or(usize::MAX);
        let told: Vec<String> = self.unexplained.values().take(most).map(tell).collect();
        assert!(
            told.is_empty(),
            "{} kinds of difference are not on the list\n{}",
            self.unexplained.len(),
            told.join("\n")
        );
    }

    /// Empty answers compared with empty answers, or statements nobody understands, would prove nothing.
    pub fn assert_meaningful(&self) {
        let share = |verdict: &Verdict| {
            self.verdicts.get(&format!("{verdict:?}")).copied().unwrap_or(0) * 100 / self.all
        };
        assert!(self.filled * 100 > self.all * 60, "too few statements found rows\n{self}");
        assert!(share(&Verdict::NoStatement) < 5, "PostgreSQL does not know too many statements\n{self}");
        assert!(
            self.verdicts.contains_key(&format!("{:?}", Verdict::BothRefuse)),
            "nothing failed on a row\n{self}"
        );
        let refused = share(&Verdict::Differs(Difference::Refused));
        assert!(refused < 25, "{refused} of a hundred statements are refused here\n{self}");
    }

    /// The list may only shrink.
    pub fn assert_every_entry_is_needed(&self) {
        let idle = &self.idle;
        assert!(
            idle.is_empty(),
            "these entries of differences.toml are not needed any more:\n{}",
            idle.join("\n")
        );
    }
}

fn told(said: &Said) -> String {
    let text = match said {
        Said::Rows { classes, rows } => {
            format!("{classes:?} {} rows {:?}", rows.len(), rows.iter().take(5).collect::<Vec<_>>())
        }
        Said::Refused { code, words } => format!("{code} {words}"),
        Said::Broken(why) => format!("broken: {why}"),
    };
    text.chars().take(400).collect()
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} statements, {} with rows that agree", self.all, self.filled)?;
        for (verdict, count) in &self.verdicts {
            writeln!(f, "{count:7} {verdict}")?;
        }
        for (id, count) in &self.met {
            writeln!(f, "{count:7} on the list as {id}")?;
        }
        let never: Vec<&str> = rules(self.grammar)
            .iter()
            .filter(|(rule, _)| !self.agreed.contains(rule))
            .map(|(rule, _)| self.grammar.rules[*rule].name.as_str())
            .collect();
        writeln!(f, "{} rules on which no statement agreed:\n  {}", never.len(), never.join("\n  "))
    }
}
