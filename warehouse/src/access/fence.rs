//! What a statement's text may not be, before the engine sees it. Parsing, planning and dropping a plan recurse once per
//! operator of a chain: a few thousand of them overflow the stack, and that ends the process, not the query.

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use crate::error::WarehouseError;

/// Operators and clauses of one statement; the engine survives four times as many on the smallest stack we use.
const MOST_OPERATORS: usize = 400;
/// Tables of all FROM lists together; the time to order joins grows with the square and more.
const MOST_RELATIONS: usize = 32;
/// Statements of one text.
const MOST_STATEMENTS: usize = 200;
/// Items of all lists together.
const MOST_COMMAS: usize = 10_000;

/// Words that put one plan node or expression on top of another.
const DEEPENING: [&str; 20] = [
    "and",
    "or",
    "not",
    "is",
    "like",
    "ilike",
    "between",
    "in",
    "exists",
    "case",
    "when",
    "select",
    "union",
    "intersect",
    "except",
    "over",
    "filter",
    "interval",
    "collate",
    "cast",
];

/// Words that end a FROM list at their depth.
const AFTER_FROM: [&str; 12] = [
    "where",
    "group",
    "having",
    "order",
    "limit",
    "offset",
    "union",
    "intersect",
    "except",
    "window",
    "qualify",
    "select",
];

/// Functions that make gigabytes out of a few letters, in one step that no memory limit or deadline sees.
pub(super) const MULTIPLYING: [&str; 12] = [
    "repeat",
    "lpad",
    "rpad",
    "array_repeat",
    "list_repeat",
    "array_resize",
    "list_resize",
    "range",
    "array_range",
    "list_range",
    "generate_series",
    "list_generate_series",
];

/// Functions that tell which file a row lies in and where: nobody's business, and beneath the barrier a secret.
pub(super) const TELLING: [&str; 2] = ["input_file_name", "file_row_index"];

/// Refuses a text that would harm the process.
pub(super) fn check(text: &str) -> Result<(), WarehouseError> {
    // What cannot be cut into tokens cannot be parsed either; the engine says so with the place.
    let Ok(tokens) = Tokenizer::new(&GenericDialect {}, text).tokenize() else { return Ok(()) };
    let statements: Vec<&[Token]> = tokens.split(|token| *token == Token::SemiColon).collect();
    let mut counts = vec![(statements.len(), MOST_STATEMENTS, "语句")];
    for statement in statements {
        let mut count = Count::default();
        statement.iter().for_each(|token| count.take(token));
        counts.push((count.operators, MOST_OPERATORS, "运算符和子句"));
        counts.push((count.relations, MOST_RELATIONS, "FROM 与 JOIN 中的表"));
        counts.push((count.commas, MOST_COMMAS, "列表项"));
    }
    match counts.into_iter().find(|(number, most, _)| number > most) {
        None => Ok(()),
        Some((number, most, what)) => Err(WarehouseError::BadQuery(format!(
            "{what}过多（{number} 个，上限 {most} 个），请拆成几条查询"
        ))),
    }
}

#[derive(Default)]
struct Count {
    operators: usize,
    relations: usize,
    commas: usize,
    /// For each open parenthesis, whether a FROM list is being read there.
    in_from: Vec<bool>,
    outer_from: bool,
}

impl Count {
    fn reading_from(&mut self) -> &mut bool {
        self.in_from.last_mut().unwrap_or(&mut self.outer_from)
    }

    fn take(&mut self, token: &Token) {
        match token {
            Token::Whitespace(_) | Token::EOF | Token::SemiColon | Token::Period => {}
            Token::Number(..) | Token::SingleQuotedString(_) | Token::Placeholder(_) => {}
            Token::Word(word) if word.quote_style.is_none() => self.word(&word.value.to_ascii_lowercase()),
            Token::Word(_) => {}
            Token::LParen => self.in_from.push(false),
            Token::RParen => {
                self.in_from.pop();
            }
            Token::Comma => {
                self.commas += 1;
                if *self.reading_from() {
                    self.relations += 1;
                }
            }
            // Everything else is an operator, known to us or not.
            _ => self.operators += 1,
        }
    }

    fn word(&mut self, word: &str) {
        if DEEPENING.contains(&word) {
            self.operators += 1;
        }
        match word {
            "from" | "join" => {
                self.relations += 1;
                *self.reading_from() = true;
            }
            _ if AFTER_FROM.contains(&word) => *self.reading_from() = false,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_statements_pass_and_monsters_do_not() {
        let passes = |text: &str| check(text).is_ok();
        assert!(passes(
            "select a, b from t where a in (1, 2, 3) and b like '%x%' group by a, b order by 1, 2"
        ));
        assert!(passes(&format!("select 1 where 1 in ({})", vec!["1"; 5000].join(","))));
        assert!(passes(&format!("select '{}'", "+".repeat(5000))), "operators inside a text");
        assert!(passes(&format!("select {}", vec!["1"; 300].join("+"))));
        assert!(passes("select '"), "left to the parser");
        assert!(passes(&"select * from a, b, c; ".repeat(30)), "each statement for itself");
        assert!(!passes(&"select 1;".repeat(300)));
        assert!(!passes(&format!("select {}", vec!["1"; 20_000].join("+"))));
        assert!(!passes(&format!("select 1 where {}", vec!["a"; 500].join(" or "))));
        assert!(!passes(&format!("select 1 {}", "union all select 1 ".repeat(300))));
        assert!(!passes(&format!("select 1{}", "::int".repeat(500))));
        assert!(!passes(&format!("select x{} from t", "[1]".repeat(500))));
        assert!(!passes(&format!("select * from {}", vec!["t"; 40].join(","))));
        assert!(!passes(&format!("select * from t {}", "join t on true ".repeat(40))));
        assert!(!passes(&format!("select * from (select * from {}) x", vec!["t"; 40].join(","))));
        assert!(!passes(&format!("select 1 where 1 in ({})", vec!["1"; 20_000].join(","))));
    }
}
