//! What a statement's text may not be, before the parser sees it. Parsing, planning and dropping a plan recurse once per
//! operator of a chain: a few thousand of them overflow the stack, and that ends the process, not the query. Which words
//! make chains is the parser's business and changes with it: here every token counts that could add a level. The tokens
//! that were looked at are the ones the parser gets, so that both read the same. How often it may read them is `dialect`.

use datafusion::sql::sqlparser::dialect::Dialect;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use crate::error::WarehouseError;

/// Longest text of one message, in bytes; nobody types more, and every step grows with it.
pub const LONGEST_STATEMENT: usize = 64 * 1024;
/// Operators and clauses of one statement.
const MOST_OPERATORS: usize = 400;
/// Levels one expression or query may have; the engine survives more on the smallest stack we use.
const MOST_LEVELS: usize = 1_000;
/// Set operations of one statement: they stack across the commas of their select lists.
const MOST_SETS: usize = 200;
/// Tables of all FROM lists together; the time to order joins grows with the square and more.
const MOST_RELATIONS: usize = 32;
/// Statements of one text.
const MOST_STATEMENTS: usize = 200;
/// Items of all lists together.
const MOST_COMMAS: usize = 10_000;
/// Brackets of all kinds within each other.
const MOST_NESTED: usize = 30;

/// Words that put one plan node or expression on top of another and that planning takes time for.
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

/// Words that put one query on top of another.
const SETS: [&str; 4] = ["union", "intersect", "except", "minus"];

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

/// Cuts a text into tokens and refuses it when it would harm the process.
pub(super) fn admit(dialect: &dyn Dialect, text: &str) -> Result<Vec<TokenWithSpan>, WarehouseError> {
    if text.len() > LONGEST_STATEMENT {
        let most = LONGEST_STATEMENT / 1024;
        return Err(WarehouseError::BadQuery(format!("语句太长，请不超过 {most} KiB")));
    }
    let tokens = Tokenizer::new(dialect, text).tokenize_with_location().map_err(|error| {
        WarehouseError::BadQuery(format!("sql parser error: {error}").chars().take(600).collect())
    })?;
    let statements: Vec<&[TokenWithSpan]> = tokens.split(|token| token.token == Token::SemiColon).collect();
    let mut complaint = too_many("语句", statements.len(), MOST_STATEMENTS);
    for statement in statements {
        let mut count = Count::default();
        statement.iter().for_each(|token| count.take(&token.token));
        complaint = complaint.or_else(|| count.complaint());
    }
    complaint.map_or(Ok(tokens), |complaint| Err(WarehouseError::BadQuery(complaint)))
}

fn too_many(what: &str, number: usize, most: usize) -> Option<String> {
    (number > most).then(|| format!("{what}过多（{number} 个，上限 {most} 个），请拆成几条查询"))
}

/// What one pair of brackets holds, or the whole statement.
#[derive(Default)]
struct Level {
    /// Tokens since the last comma that may each stand on those before.
    chain: usize,
    /// Levels of the deepest brackets since the last comma.
    inner: usize,
    /// Levels of the deepest item before it.
    deepest: usize,
    /// Whether a FROM list is being read here.
    in_from: bool,
}

impl Level {
    fn next_item(&mut self) {
        self.deepest = self.levels();
        (self.chain, self.inner) = (0, 0);
    }

    fn levels(&self) -> usize {
        self.deepest.max(self.chain + self.inner)
    }
}

/// What the token before was, as far as it tells whether the next one can stack.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Before {
    /// An operator, a comma, an opening bracket: what follows is an operand.
    #[default]
    Symbol,
    /// A word, a literal, a closing bracket: what follows is an operator, or a word we need not know.
    Operand,
}

#[derive(Default)]
struct Count {
    operators: usize,
    relations: usize,
    sets: usize,
    commas: usize,
    outermost: Level,
    open: Vec<Level>,
    nested: usize,
    before: Before,
}

impl Count {
    fn complaint(mut self) -> Option<String> {
        while !self.open.is_empty() {
            self.close();
        }
        too_many("运算符和子句", self.operators, MOST_OPERATORS)
            .or_else(|| too_many("FROM 与 JOIN 中的表", self.relations, MOST_RELATIONS))
            .or_else(|| too_many("UNION、INTERSECT、EXCEPT", self.sets, MOST_SETS))
            .or_else(|| too_many("列表项", self.commas, MOST_COMMAS))
            .or_else(|| too_many("连在一起的词和运算符", self.outermost.levels(), MOST_LEVELS))
            .or_else(|| {
                (self.nested > MOST_NESTED).then(|| {
                    format!("括号嵌套太深（{} 层，上限 {MOST_NESTED} 层），请用 WITH 分步写", self.nested)
                })
            })
    }

    fn level(&mut self) -> &mut Level {
        self.open.last_mut().unwrap_or(&mut self.outermost)
    }

    fn close(&mut self) {
        if let Some(closed) = self.open.pop() {
            let level = self.level();
            level.inner = level.inner.max(closed.levels());
        }
    }

    fn take(&mut self, token: &Token) {
        match token {
            Token::Whitespace(_) | Token::EOF | Token::SemiColon => {}
            Token::Word(word) => {
                self.operand();
                if word.quote_style.is_none() {
                    self.word(&word.value.to_ascii_lowercase());
                }
            }
            Token::Number(..) | Token::SingleQuotedString(_) | Token::Placeholder(_) => self.operand(),
            Token::Comma => {
                self.commas += 1;
                self.before = Before::Symbol;
                self.level().next_item();
                if self.level().in_from {
                    self.relations += 1;
                }
            }
            Token::LParen | Token::LBracket | Token::LBrace => {
                self.symbol();
                if *token != Token::LParen {
                    self.operators += 1;
                }
                self.open.push(Level::default());
                self.nested = self.nested.max(self.open.len());
            }
            Token::RParen | Token::RBracket | Token::RBrace => {
                self.close();
                self.before = Before::Operand;
            }
            Token::Period => self.symbol(),
            // Everything else is an operator, known to us or not.
            _ => {
                self.symbol();
                self.operators += 1;
            }
        }
    }

    /// A word or a literal. After another one it may be an operator: `xor`, `notnull`, `at time zone` and all to come.
    fn operand(&mut self) {
        if self.before == Before::Operand {
            self.level().chain += 1;
        }
        self.before = Before::Operand;
    }

    fn symbol(&mut self) {
        self.level().chain += 1;
        self.before = Before::Symbol;
    }

    fn word(&mut self, word: &str) {
        if DEEPENING.contains(&word) {
            self.operators += 1;
        }
        if SETS.contains(&word) {
            self.sets += 1;
        }
        match word {
            // TABLE name is a query of its own, without a FROM.
            "from" | "join" => {
                self.relations += 1;
                self.level().in_from = true;
            }
            "table" => self.relations += 1,
            _ if AFTER_FROM.contains(&word) => self.level().in_from = false,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::dialect::BoundedDialect;
    use super::*;

    fn passes(text: &str) -> bool {
        admit(&BoundedDialect::new(), text).is_ok()
    }

    fn nested(before: &str, depth: usize) -> String {
        format!("select {}1{}", before.repeat(depth), ")".repeat(before.matches('(').count() * depth))
    }

    #[test]
    fn ordinary_statements_pass() {
        assert!(passes(
            "select a, b from t where a in (1, 2, 3) and b like '%x%' group by a, b order by 1, 2"
        ));
        assert!(passes(&format!("select 1 where 1 in ({})", vec!["1"; 5000].join(","))));
        assert!(passes(&format!("select '{}'", "+".repeat(5000))), "operators inside a text");
        assert!(passes(&format!("select {}", vec!["1"; 300].join("+"))));
        assert!(passes(&"select * from a, b, c; ".repeat(30)), "each statement for itself");
        assert!(passes(&nested("upper(", 14)) && passes(&nested("(", 28)));
        assert!(passes(&format!("select {}", vec!["round(coalesce(sum(a), 0), 2) as b"; 600].join(", "))));
        assert!(passes(&nested("(select max(a) from (select 1 as a where 1 in (", 6)));
        let joins = "left outer join lake.public.t as u on u.a = t.a and u.b = t.b ".repeat(30);
        assert!(passes(&format!("select * from t {joins} where t.a = 1 or t.b is not null")));
        assert!(passes(&format!("select case {} end", "when a = 'x' then 'y' ".repeat(150))));
    }

    #[test]
    fn monsters_do_not() {
        assert!(!passes(&"select 1;".repeat(300)));
        assert!(!passes(&format!("select {}", vec!["1"; 20_000].join("+"))));
        assert!(!passes(&format!("select 1 where {}", vec!["a"; 500].join(" or "))));
        assert!(!passes(&format!("select 1, 2 {}", "union all select 1, 2 ".repeat(300))));
        assert!(!passes(&format!("select 1, 2 {}", "minus (select 1, 2) ".repeat(300))));
        assert!(!passes(&format!("select 1{}", "::int".repeat(500))));
        assert!(!passes(&format!("select x{} from t", "[1]".repeat(500))));
        assert!(!passes(&format!("select * from {}", vec!["t"; 40].join(","))));
        assert!(!passes(&format!("select * from t {}", "join t on true ".repeat(40))));
        assert!(!passes(&format!("select * from (select * from {}) x", vec!["t"; 40].join(","))));
        assert!(!passes(&format!("select 1 where 1 in ({})", vec!["1"; 20_000].join(","))));
        assert!(!passes(&nested("not(", 40)) && !passes(&format!("select {}", "[".repeat(40))));
        assert!(!passes(&format!("select '{}'", "x".repeat(LONGEST_STATEMENT))), "too long");
    }

    /// Every member of a kind: words that are operators, words that may become ones, chains inside brackets, brackets
    /// left of chains, chains across the commas of lists.
    #[test]
    fn attack_1_whatever_can_stack_counts() {
        for link in [
            " xor true",
            " notnull",
            " isnull",
            " at time zone 'UTC'",
            " collate \"C\"",
            " is not true",
            " is distinct from 1",
            " overlaps 1",
            " frobnicate",
            " div 1",
            " member of 1",
            " !",
            ".a",
            "::int",
            "[1]",
            "[1:2]",
            " -> 'a'",
            " operator(pg_catalog.+) 1",
            " similar to 'a'",
            " escape 'a'",
            " not in (1, 2)",
            " between 1 and 2",
            " \"quoted\"",
        ] {
            let bare = format!("select true{}", link.repeat(1_500));
            assert!(!passes(&bare), "{link}");
            let inside = format!("select f(1, (true{}), 2), 3", link.repeat(1_500));
            assert!(!passes(&inside), "{link} in brackets");
            let halves = format!("select (true{0}) {0}", link.repeat(800));
            assert!(!passes(&halves), "{link} on top of brackets");
        }
        assert!(!passes(&format!("select 1{}", " -".repeat(1_500))));
        assert!(!passes(&format!("explain {}", "explain ".repeat(1_500))));
    }

    /// What the parser would cut otherwise than we do, and what nobody can cut at all.
    #[test]
    fn attack_1_what_does_not_tokenise_is_refused() {
        let sum = vec!["1"; 30_000].join("+");
        for text in [
            format!("select q'[', {}, ']'", &sum[..40_000]),
            format!("select {} `", &sum[..40_000]),
            "select '".to_owned(),
            "select $a$ 1".to_owned(),
            "select \"a".to_owned(),
            "select /* 1".to_owned(),
            "select u&'\\zz'".to_owned(),
        ] {
            let begun = std::time::Instant::now();
            assert!(!passes(&text), "{}", &text[..20.min(text.len())]);
            assert!(begun.elapsed() < std::time::Duration::from_millis(100));
        }
    }

    #[test]
    fn the_fence_itself_is_quick() {
        let begun = std::time::Instant::now();
        assert!(!passes(&"f(".repeat(30_000)) && !passes(&"f(".repeat(300_000)));
        assert!(begun.elapsed() < std::time::Duration::from_millis(500));
    }
}
