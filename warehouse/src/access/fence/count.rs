//! Counts the tokens of one statement: how many there are of what takes time, and how many levels they could make.

use datafusion::sql::sqlparser::tokenizer::Token;

/// Operators and clauses of one statement.
const MOST_OPERATORS: usize = 400;
/// Signs of one sum: each is checked for overflow, and the time to plan them grows with the cube of their number.
const MOST_SUM: usize = 128;
/// Levels one expression or query may have; the engine survives more on the smallest stack we use.
const MOST_LEVELS: usize = 1_000;
/// Set operations of one statement: they stack across the commas of their select lists.
const MOST_SETS: usize = 50;
/// Tables of all FROM lists together; the time to order joins grows with the square and more.
const MOST_RELATIONS: usize = 32;
/// Items of all lists together.
const MOST_COMMAS: usize = 10_000;
/// Brackets of all kinds within each other.
const MOST_NESTED: usize = 30;

/// Lists of which the engine makes many more groups before it counts them, and how many items they may have: all subsets,
/// all beginnings, each set with all columns.
const GROUPINGS: [(&str, usize); 3] = [("cube", 12), ("rollup", 64), ("sets", 256)];

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

/// Words whose two sides are sums of their own.
const PARTING: [&str; 9] = ["and", "or", "when", "then", "else", "from", "on", "as", "between"];

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

pub(super) fn too_many(what: &str, number: usize, most: usize) -> Option<String> {
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
    /// Signs of one sum, and of the deepest sum so far; the words of clauses and conditions part sums, too.
    sum: usize,
    longest_sum: usize,
    /// Whether a FROM list is being read here.
    in_from: bool,
    /// Items so far, and how many there may be.
    items: usize,
    most_items: Option<usize>,
}

impl Level {
    fn next_item(&mut self) {
        self.items += 1;
        self.deepest = self.levels();
        (self.chain, self.inner) = (0, 0);
        self.next_sum();
    }

    fn next_sum(&mut self) {
        self.longest_sum = self.longest_sum.max(self.sum);
        self.sum = 0;
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

/// The counts of one statement.
#[derive(Default)]
pub(super) struct Count {
    operators: usize,
    relations: usize,
    sets: usize,
    commas: usize,
    outermost: Level,
    open: Vec<Level>,
    nested: usize,
    before: Before,
    /// The most items a bracket that comes next may hold, after a word that says so.
    most_items: Option<usize>,
    groups: Option<String>,
}

impl Count {
    /// What is too many, if anything.
    pub(super) fn complaint(mut self) -> Option<String> {
        while !self.open.is_empty() {
            self.close();
        }
        self.outermost.next_sum();
        too_many("运算符和子句", self.operators, MOST_OPERATORS)
            .or_else(|| too_many("FROM 与 JOIN 中的表", self.relations, MOST_RELATIONS))
            .or_else(|| too_many("UNION、INTERSECT、EXCEPT", self.sets, MOST_SETS))
            .or(self.groups)
            .or_else(|| too_many("列表项", self.commas, MOST_COMMAS))
            .or_else(|| too_many("连在一起的词和运算符", self.outermost.levels(), MOST_LEVELS))
            .or_else(|| too_many("一个算式中的运算符", self.outermost.longest_sum, MOST_SUM))
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
        if let Some(mut closed) = self.open.pop() {
            closed.next_sum();
            if let Some(most) = closed.most_items.filter(|most| closed.items >= *most) {
                self.groups = too_many("CUBE、ROLLUP 或 GROUPING SETS 的分组", closed.items + 1, most);
            }
            let level = self.level();
            level.inner = level.inner.max(closed.levels());
            // What brackets hold is a part of the sum around them, if there is one.
            level.sum += closed.longest_sum;
        }
    }

    /// Takes the next token.
    pub(super) fn take(&mut self, token: &Token) {
        if matches!(token, Token::Whitespace(_) | Token::EOF | Token::SemiColon) {
            return;
        }
        let most_items = self.most_items.take();
        match token {
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
                self.open.push(Level { most_items, ..Level::default() });
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
                if matches!(token, Token::Plus | Token::Minus | Token::Mul | Token::Div | Token::Mod) {
                    self.level().sum += 1;
                }
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
        self.most_items = GROUPINGS.iter().find(|(name, _)| *name == word).map(|(_, most)| *most);
        if SETS.contains(&word) {
            self.sets += 1;
        }
        if PARTING.contains(&word) || AFTER_FROM.contains(&word) {
            self.level().next_sum();
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
