//! What a statement's text may not be, before the engine sees it. Parsing, planning and dropping a plan recurse once per
//! operator of a chain: a few thousand of them overflow the stack, and that ends the process, not the query. The parser
//! reads the arguments of a call twice before it knows what they are: thirty calls within each other take it hours.

use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
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
/// Brackets of all kinds within each other.
const MOST_NESTED: usize = 30;
/// Readings of the arguments of all calls, a tenth of a second: one chain of 16 calls, or hundreds of short ones.
const MOST_READINGS: usize = 1 << 17;

/// Words a bracket may follow that is read once. Any other word is taken for the name of a function.
const NOT_CALLS: [&str; 25] = [
    "and",
    "as",
    "between",
    "by",
    "case",
    "else",
    "except",
    "exists",
    "filter",
    "from",
    "ilike",
    "in",
    "intersect",
    "join",
    "lateral",
    "like",
    "on",
    "or",
    "over",
    "select",
    "then",
    "union",
    "using",
    "when",
    "where",
];

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

/// Functions that make lists of gigabytes out of a few letters, in one step that no memory limit or deadline sees.
pub(super) const MULTIPLYING: [&str; 9] = [
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
    // The parser's own dialect: what cannot be cut into tokens here cannot be parsed either; it says so with the place.
    let Ok(tokens) = Tokenizer::new(&PostgreSqlDialect {}, text).tokenize() else { return Ok(()) };
    let statements: Vec<&[Token]> = tokens.split(|token| *token == Token::SemiColon).collect();
    let mut complaint = too_many("语句", statements.len(), MOST_STATEMENTS);
    for statement in statements {
        let mut count = Count::default();
        statement.iter().for_each(|token| count.take(token));
        complaint = complaint.or_else(|| count.complaint());
    }
    complaint.map_or(Ok(()), |complaint| Err(WarehouseError::BadQuery(complaint)))
}

fn too_many(what: &str, number: usize, most: usize) -> Option<String> {
    (number > most).then(|| format!("{what}过多（{number} 个，上限 {most} 个），请拆成几条查询"))
}

#[derive(Default)]
struct Count {
    operators: usize,
    relations: usize,
    commas: usize,
    /// For each open parenthesis, whether a FROM list is being read there.
    in_from: Vec<bool>,
    outer_from: bool,
    /// For each open bracket, whether it holds the arguments of a call; and how many do.
    open: Vec<bool>,
    open_calls: usize,
    deepest: usize,
    readings: usize,
    /// Whether a bracket that comes next would.
    after_name: bool,
}

impl Count {
    fn complaint(&self) -> Option<String> {
        too_many("运算符和子句", self.operators, MOST_OPERATORS)
            .or_else(|| too_many("FROM 与 JOIN 中的表", self.relations, MOST_RELATIONS))
            .or_else(|| too_many("列表项", self.commas, MOST_COMMAS))
            .or_else(|| (self.readings > MOST_READINGS).then(|| "函数调用嵌套太深，请用 WITH 分步写".into()))
            .or_else(|| {
                (self.deepest > MOST_NESTED).then(|| {
                    format!("括号嵌套太深（{} 层，上限 {MOST_NESTED} 层），请用 WITH 分步写", self.deepest)
                })
            })
    }

    fn reading_from(&mut self) -> &mut bool {
        self.in_from.last_mut().unwrap_or(&mut self.outer_from)
    }

    fn take(&mut self, token: &Token) {
        self.nest(token);
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

    fn nest(&mut self, token: &Token) {
        match token {
            Token::Whitespace(_) => return,
            Token::LParen | Token::LBracket | Token::LBrace => {
                let is_call = self.after_name && *token == Token::LParen;
                self.open.push(is_call);
                self.deepest = self.deepest.max(self.open.len());
                if is_call {
                    self.open_calls += 1;
                    self.readings = self.readings.saturating_add(1 << self.open_calls.min(MOST_NESTED));
                }
            }
            Token::RParen | Token::RBracket | Token::RBrace => {
                if self.open.pop() == Some(true) {
                    self.open_calls -= 1;
                }
            }
            _ => {}
        }
        self.after_name = match token {
            Token::Word(word) => {
                word.quote_style.is_some() || !NOT_CALLS.contains(&&*word.value.to_ascii_lowercase())
            }
            _ => false,
        };
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
        let nested = |before: &str, depth: usize| {
            format!("select {}1{}", before.repeat(depth), ")".repeat(before.matches('(').count() * depth))
        };
        assert!(passes(&nested("upper(", 14)) && passes(&nested("(", 28)));
        assert!(passes(&format!("select {}", vec!["round(coalesce(sum(a), 0), 2)"; 300].join(", "))));
        assert!(passes(&nested("(select max(a) from (select 1 as a where 1 in (", 6)));
        for monster in ["upper(", "\"f\" (", "pg_catalog.f(", "rollup(", "(f(", "(date (", "row("] {
            assert!(!passes(&nested(monster, 20)), "{monster}");
        }
        assert!(!passes(&format!("{} `", nested("upper(", 40))), "other dialects quote with this");
        let begun = std::time::Instant::now();
        assert!(!passes(&"f(".repeat(300_000)));
        assert!(begun.elapsed() < std::time::Duration::from_secs(5), "the fence itself is quick");
        assert!(!passes(&nested("not(", 40)) && !passes(&format!("select {}", "[".repeat(40))));
        assert!(!passes(&format!("select {}1", "f(f(f(f(f(f(f(f(f(f(f(f(1)))))))))))),".repeat(300))));
    }
}
