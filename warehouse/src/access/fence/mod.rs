//! What a statement's text may not be, before the parser sees it. Parsing, planning and dropping a plan recurse once per
//! operator of a chain: a few thousand of them overflow the stack, and that ends the process, not the query. Which words
//! make chains is the parser's business and changes with it: here every token counts that could add a level. The tokens
//! that were looked at are the ones the parser gets, so that both read the same. How often it may read them is `dialect`.

mod count;

use datafusion::sql::sqlparser::dialect::Dialect;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use self::count::{Count, too_many};
use crate::complaint;
use crate::error::WarehouseError;

/// Longest text of one message, in bytes; nobody types more, and every step grows with it.
pub const LONGEST_STATEMENT: usize = 64 * 1024;
/// Statements of one text.
const MOST_STATEMENTS: usize = 200;

/// Functions that make lists of gigabytes out of a few letters, in one step that no memory limit or deadline sees.
pub(in crate::access) const MULTIPLYING: [&str; 9] = [
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
pub(in crate::access) const TELLING: [&str; 2] = ["input_file_name", "file_row_index"];

/// Cuts a text into tokens and refuses it when it would harm the process.
pub(in crate::access) fn admit(
    dialect: &dyn Dialect,
    text: &str,
) -> Result<Vec<TokenWithSpan>, WarehouseError> {
    if text.len() > LONGEST_STATEMENT {
        let most = LONGEST_STATEMENT / 1024;
        return Err(WarehouseError::BadQuery(format!("语句太长，请不超过 {most} KiB")));
    }
    let tokens = Tokenizer::new(dialect, text)
        .tokenize_with_location()
        .map_err(|error| WarehouseError::BadQuery(complaint::plain(&format!("sql parser error: {error}"))))?;
    let statements: Vec<&[TokenWithSpan]> = tokens.split(|token| token.token == Token::SemiColon).collect();
    let mut told = too_many("语句", statements.len(), MOST_STATEMENTS);
    for statement in statements {
        let mut count = Count::default();
        statement.iter().for_each(|token| count.take(&token.token));
        told = told.or_else(|| count.complaint());
    }
    told.map_or(Ok(tokens), |complaint| Err(WarehouseError::BadQuery(complaint)))
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
        assert!(passes(&format!("select {}", vec!["1"; 120].join("+"))));
        assert!(passes(&format!("select 1 where {}", vec!["a + b = c - d"; 90].join(" and "))));
        assert!(passes(&format!("select {}", vec!["a + b"; 300].join(", "))));
        assert!(passes(&"select * from a, b, c; ".repeat(30)), "each statement for itself");
        assert!(passes(&nested("upper(", 14)) && passes(&nested("(", 28)));
        assert!(passes(&format!("select {}", vec!["round(coalesce(sum(a), 0), 2) as b"; 600].join(", "))));
        assert!(passes(&nested("(select max(a) from (select 1 as a where 1 in (", 6)));
        let joins = "left outer join lake.public.t as u on u.a = t.a and u.b = t.b ".repeat(30);
        assert!(passes(&format!("select * from t {joins} where t.a = 1 or t.b is not null")));
        assert!(passes(&format!("select case {} end", "when a = 'x' then 'y' ".repeat(150))));
        assert!(passes(
            "select 1 from t group by cube (a, (b, c), d), rollup (e, f), grouping sets ((a, b), ())"
        ));
    }

    #[test]
    fn monsters_do_not() {
        assert!(!passes(&"select 1;".repeat(300)));
        assert!(!passes(&format!("select {}", vec!["1"; 20_000].join("+"))));
        assert!(!passes(&format!("select {}", vec!["1"; 200].join("+"))), "planned for half a minute");
        let sum = format!("({})", vec!["1"; 70].join("+"));
        assert!(!passes(&format!("select {}", sum.replacen('1', &sum, 1))), "also in brackets");
        assert!(!passes(&format!("select 1 where {}", vec!["a"; 500].join(" or "))));
        assert!(!passes(&format!("select 1, 2 {}", "union all select 1, 2 ".repeat(300))));
        assert!(!passes(&format!("select 1, 2 {}", "minus (select 1, 2) ".repeat(300))));
        assert!(!passes(&format!("select 1{}", "::int".repeat(500))));
        assert!(!passes(&format!("select x{} from t", "[1]".repeat(500))));
        assert!(!passes(&format!("select * from {}", vec!["t"; 40].join(","))));
        assert!(!passes(&format!("select * from t {}", "join t on true ".repeat(40))));
        assert!(!passes(&format!("select * from (select * from {}) x", vec!["t"; 40].join(","))));
        assert!(!passes(&format!("select 1 where 1 in ({})", vec!["1"; 20_000].join(","))));
        for (grouping, items) in [("cube", 13), ("ROLLUP", 65), ("grouping sets", 257), ("cube /* */", 30)] {
            let list = vec!["a"; items].join(", ");
            assert!(!passes(&format!("select 1 from t group by {grouping} ({list})")), "{grouping}");
        }
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
