//! Random queries over all tables. A query is asked on two lakes with different files, so whatever SQL leaves open is
//! closed here: limits have a total order, and an expression that can fail stands only where it is worked out for a
//! known set of rows.

mod failing;
mod grouped;
mod joined;
mod nested;
mod recursive;
mod sets;
mod simple;
mod topic;
mod windows;

use pujiang_warehouse::TableDef;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

pub use topic::Topic;

/// The shapes of queries, each with its share.
const SHAPES: [(&str, u32, Shape); 16] = [
    ("plain", 2, simple::plain),
    ("bare", 2, simple::bare),
    ("distinct", 1, simple::distinct),
    ("limited", 2, simple::limited),
    ("grouped", 2, grouped::grouped),
    ("grouping sets", 1, grouped::sets),
    ("joined", 3, joined::joined),
    ("semi joined", 1, joined::halves),
    ("membership", 2, nested::membership),
    ("scalar", 2, nested::scalar),
    ("with", 2, nested::with),
    ("derived", 1, nested::derived),
    ("recursive", 1, recursive::recursive),
    ("set operation", 2, sets::operation),
    ("windowed", 2, windows::windowed),
    ("failing", 2, failing::failing),
];

type Shape = fn(&mut Dice<'_>) -> String;

/// What a shape draws from.
pub struct Dice<'d> {
    topics: &'d [Topic],
    rng: &'d mut ChaCha8Rng,
}

impl Dice<'_> {
    /// A number below `most`.
    fn below(&mut self, most: usize) -> usize {
        self.rng.random_range(0..most)
    }

    /// True once in `times`.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of the choices.
    fn one<'c, T: ?Sized>(&mut self, choices: &[&'c T]) -> &'c T {
        choices[self.below(choices.len())]
    }

    /// A table.
    fn topic(&mut self) -> Topic {
        let at = self.below(self.topics.len());
        self.topics[at].clone()
    }
}

/// Asks about the tables as one person sees them.
pub struct Asker {
    topics: Vec<Topic>,
}

impl Asker {
    /// An asker that knows the tables, without the columns that are hidden from the person.
    pub fn new<'t>(tables: impl Iterator<Item = &'t TableDef>, hidden: &[(&str, &str)]) -> Self {
        Self { topics: tables.map(|def| Topic::new(def, hidden)).collect() }
    }

    /// The name of a shape and one query of it.
    pub fn query(&self, rng: &mut ChaCha8Rng) -> (&'static str, String) {
        let mut drawn = rng.random_range(0..SHAPES.iter().map(|(_, share, _)| share).sum::<u32>());
        let (name, _, shape) = SHAPES
            .iter()
            .find(|(_, share, _)| {
                let found = drawn < *share;
                drawn = drawn.saturating_sub(*share);
                found
            })
            .unwrap();
        (name, shape(&mut Dice { topics: &self.topics, rng }))
    }

    /// Names of all shapes.
    pub fn shapes() -> impl Iterator<Item = &'static str> {
        SHAPES.iter().map(|(name, _, _)| *name)
    }
}
