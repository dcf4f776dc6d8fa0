//! The 22 queries, one file each, with the validation parameters of the specification.

/// One query.
pub struct Query {
    /// From 1 to 22.
    pub number: usize,
    /// For a given scale.
    pub sql: String,
}

impl Query {
    /// `q07`.
    pub fn name(&self) -> String {
        format!("q{:02}", self.number)
    }
}

const TEXTS: [&str; 22] = [
    include_str!("queries/q01.sql"),
    include_str!("queries/q02.sql"),
    include_str!("queries/q03.sql"),
    include_str!("queries/q04.sql"),
    include_str!("queries/q05.sql"),
    include_str!("queries/q06.sql"),
    include_str!("queries/q07.sql"),
    include_str!("queries/q08.sql"),
    include_str!("queries/q09.sql"),
    include_str!("queries/q10.sql"),
    include_str!("queries/q11.sql"),
    include_str!("queries/q12.sql"),
    include_str!("queries/q13.sql"),
    include_str!("queries/q14.sql"),
    include_str!("queries/q15.sql"),
    include_str!("queries/q16.sql"),
    include_str!("queries/q17.sql"),
    include_str!("queries/q18.sql"),
    include_str!("queries/q19.sql"),
    include_str!("queries/q20.sql"),
    include_str!("queries/q21.sql"),
    include_str!("queries/q22.sql"),
];

/// All queries for a scale factor.
pub fn all(scale: f64) -> Vec<Query> {
    // The specification divides the fraction of query 11 by the scale factor.
    let fraction = format!("{:.4}", 0.0001 / scale);
    TEXTS
        .iter()
        .enumerate()
        .map(|(at, text)| Query { number: at + 1, sql: text.replace("{fraction}", &fraction) })
        .collect()
}
