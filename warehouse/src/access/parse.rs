//! From text to statements, the same for HTTP, command line and wire: the fence, PostgreSQL's dialect, and the rewriting
//! of what PostgreSQL says otherwise than the engine. Rules that bend a statement to make clients' catalog queries run
//! are kept to statements that read nothing but the catalog: on people's data a wrong answer is worse than an error.
//! The only file with a parser in it: clippy and tests/whole/fence.rs forbid it elsewhere, and here the fence comes first.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use super::array::call_quantifiers;
use super::cast_names::name_casts;
use super::dialect::BoundedDialect;
use super::fence;
use super::forms::reform;
use super::naming::tell_apart;
use super::numeric::call_unconstrained;
use super::ordinals::{say_once, spell_ordinals};
use super::pg::{EXTRA_TABLES, bend, look_up_names};
use super::spelling::respell;
use super::tokens;
use super::wording::adapt;
use crate::complaint;
use crate::error::WarehouseError;
use datafusion::sql::sqlparser::ast::{Expr, ObjectName, Statement, TableFactor, visit_relations};
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion_pg_catalog::pg_catalog::PG_CATALOG_TABLES;
use datafusion_pg_catalog::sql::PostgresCompatibilityParser;
use datafusion_pg_catalog::sql::rules::{
    CurrentUserVariableToSessionUserFunctionCall, FixVersionColumnName, PrependUnqualifiedPgTableName,
    RewritePgCatalogOperator, RewriteRegCastToSubquery, SqlStatementRewriteRule, StripCallableQualifier,
};

/// Functions that may stand where a table stands.
const ROW_FUNCTIONS: [&str; 3] = ["generate_series", "string_to_array", "unnest"];

/// The one of the catalog's that does.
const KEYWORDS: &str = "pg_get_keywords";

/// Everything the library knows, also what replaces a query it cannot run by an empty one.
static CATALOG_PARSER: LazyLock<PostgresCompatibilityParser> =
    LazyLock::new(PostgresCompatibilityParser::new);

/// What leaves the meaning of every statement as it is.
static RULES: LazyLock<[Box<dyn SqlStatementRewriteRule>; 6]> = LazyLock::new(|| {
    [
        Box::new(PrependUnqualifiedPgTableName),
        Box::new(StripCallableQualifier),
        Box::new(CurrentUserVariableToSessionUserFunctionCall),
        Box::new(RewritePgCatalogOperator),
        Box::new(RewriteRegCastToSubquery::new()),
        Box::new(FixVersionColumnName),
    ]
});

/// Reads a text of one or more statements. Nothing is planned or looked up yet.
pub fn parse(text: &str) -> Result<Vec<Statement>, WarehouseError> {
    let statements = read(text, |parser| parser.parse_statements())?;
    let by_heart = known_by_heart(text, &statements);
    let once = |mut statement: Statement| {
        say_once(&mut statement).map_err(WarehouseError::BadQuery)?;
        Ok(statement)
    };
    if let Some(by_heart) = by_heart {
        return by_heart.into_iter().map(once).collect();
    }
    let one = |statement: Statement| {
        let mut statement = once(statement)?;
        look_up_names(&mut statement);
        respell(&mut statement);
        let reads = relations(&statement);
        if reads != Relations::CatalogOnly {
            // What an ordinal stands for may meet an output column of the same name, which is told apart there.
            spell_ordinals(&mut statement);
        }
        reform(&mut statement, reads).map_err(WarehouseError::BadQuery)?;
        rewritten(statement, reads).map_err(WarehouseError::BadQuery)
    };
    statements.into_iter().map(one).collect()
}

/// A text as its writer wrote it, nothing rewritten.
#[cfg(test)]
pub(super) fn unchanged(text: &str) -> Vec<Statement> {
    read(text, |parser| parser.parse_statements()).expect("sql")
}

/// One expression, for rules that write what they put in the place of another.
pub(super) fn expression(text: &str) -> Result<Expr, WarehouseError> {
    read(text, |parser| parser.parse_expr())
}

/// What stands in FROM, for rules as above.
pub(super) fn table_factor(text: &str) -> Result<TableFactor, WarehouseError> {
    read(text, |parser| parser.parse_table_factor())
}

/// The fence, then the parser over the tokens that passed it.
fn read<T>(
    text: &str,
    what: impl FnOnce(&mut Parser<'_>) -> Result<T, ParserError>,
) -> Result<T, WarehouseError> {
    let dialect = BoundedDialect::new();
    let tokens = tokens::completed(fence::admit(&dialect, text)?);
    let mut parser = parser_of(&dialect).with_tokens_with_locations(tokens);
    what(&mut parser).map_err(|error| {
        WarehouseError::BadQuery(match error {
            _ if dialect.is_spent() => "语句嵌套太多，读不完，请用 WITH 分步写".to_owned(),
            ParserError::RecursionLimitExceeded => "语句嵌套太深，请用 WITH 分步写".to_owned(),
            error => complaint::plain(&error.to_string()),
        })
    })
}

#[expect(clippy::disallowed_methods, reason = "the one parser, behind the fence")]
fn parser_of(dialect: &BoundedDialect) -> Parser<'_> {
    Parser::new(dialect)
}

fn rewritten(mut statement: Statement, reads: Relations) -> Result<Statement, String> {
    Ok(match reads {
        Relations::CatalogOnly => {
            bend(&mut statement);
            CATALOG_PARSER.rewrite(statement)
        }
        Relations::None | Relations::Data => {
            name_casts(&mut statement);
            tell_apart(&mut statement);
            call_quantifiers(&mut statement);
            call_unconstrained(&mut statement);
            adapt(&mut statement)?;
            // Other words for the same are one by now.
            tell_apart(&mut statement);
            RULES.iter().fold(statement, |s, rule| rule.rewrite(s))
        }
    })
}

/// The library knows some clients' catalog queries by heart and replaces them whole or in part. It compares tokens, so
/// what it leaves as it was is not taken from it. Whatever it makes of a statement on data is not used. It reads the text
/// again without our bounds: only what has been read within them comes here, and what it puts in place is shorter.
fn known_by_heart(text: &str, plain: &[Statement]) -> Option<Vec<Statement>> {
    if plain.iter().any(|s| relations(s) == Relations::Data) {
        return None;
    }
    let known = CATALOG_PARSER.parse(text).ok()?;
    if known.iter().any(|s| relations(s) == Relations::Data) {
        return None;
    }
    let untouched = plain.iter().cloned().map(|s| CATALOG_PARSER.rewrite(s)).eq(known.iter().cloned());
    (!untouched).then_some(known)
}

/// What a statement reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relations {
    None,
    CatalogOnly,
    Data,
}

fn relations(statement: &Statement) -> Relations {
    let mut found = Relations::None;
    let _: ControlFlow<()> = visit_relations(statement, |name| {
        found = match (found, kind(name)) {
            (Relations::Data, _) | (_, Kind::Table) => Relations::Data,
            (_, Kind::Catalog) => Relations::CatalogOnly,
            (found, Kind::Rows) => found,
        };
        ControlFlow::Continue(())
    });
    found
}

/// What a relation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Table,
    Catalog,
    /// Rows a function makes; they are of no catalog, and what is asked of them is not bent.
    Rows,
}

fn kind(name: &ObjectName) -> Kind {
    let parts: Vec<String> =
        name.0.iter().filter_map(|p| p.as_ident()).map(|i| i.value.to_ascii_lowercase()).collect();
    match parts.as_slice() {
        [.., table] if ROW_FUNCTIONS.contains(&table.as_str()) => Kind::Rows,
        [table] => {
            let table = table.as_str();
            let known =
                PG_CATALOG_TABLES.contains(&table) || EXTRA_TABLES.contains(&table) || table == KEYWORDS;
            if known { Kind::Catalog } else { Kind::Table }
        }
        [.., schema, _] if schema == "pg_catalog" || schema == "information_schema" => Kind::Catalog,
        _ => Kind::Table,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let statements =
            parse(text).map(|s| s.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
        assert_eq!(statements.unwrap_or_else(|e| e.to_string()), expected);
    }

    #[test]
    fn statements_on_data_keep_their_meaning() {
        let correlated = "SELECT a, (SELECT max(x) FROM t WHERE t.k = s.k) FROM s";
        check(correlated, correlated);
        check("SELECT no, * FROM pay", "SELECT no AS \"no_2\", * FROM pay");
        check("SELECT '{a,b}' FROM pay", "SELECT '{a,b}' FROM pay");
        check(
            "select a from t where b = any(array[1,2])",
            "SELECT a FROM t WHERE any_of('=', b, ARRAY[1, 2])",
        );
        check("select pg_catalog.format_type(a, b) from t", "SELECT format_type(a, b) FROM t");
        check("select a from t order by a collate \"C\"", "SELECT a FROM t ORDER BY a");
        check("select current_user", "SELECT session_user");
        let mixed = "SELECT (SELECT max(x) FROM t WHERE t.k = c.oid) FROM pg_catalog.pg_class c";
        check(mixed, mixed);
    }

    #[test]
    fn catalog_queries_are_made_to_run() {
        check("select relname from pg_class", "SELECT relname FROM pg_catalog.pg_class");
        let aliased = "SELECT n.oid AS __alias_oid, n.* FROM pg_catalog.pg_namespace n";
        check("select n.oid, n.* from pg_catalog.pg_namespace n", aliased);
    }

    #[test]
    fn one_text_may_hold_several_statements_and_must_be_sql() {
        check("select 1; select 2", "SELECT 1; SELECT 2");
        check("", "");
        assert!(parse("selec 1").is_err());
        // The library would read ABORT as ROLLBACK, and what follows without our bounds.
        assert!(parse("abort; select 1").is_err());
        assert!(parse(&format!("select {}", vec!["1"; 20_000].join("+"))).is_err());
    }

    /// What the parser reads twice, within each other: exponential, and no chain that a fence could count.
    #[test]
    fn attack_1_what_is_read_again_and_again_ends() {
        let arguments = vec!["1"; 5_000].join(",");
        let interval = format!("select {}", "interval ".repeat(60));
        let calls = format!("select {}1{}", "upper(".repeat(29), ")".repeat(29));
        let lists = format!("select {}{arguments}{}", "f(".repeat(14), ")".repeat(14));
        let members = format!("select 1{}{}", " in ((select 1 where 1".repeat(14), ") + 1)".repeat(14));
        let mixed = format!("select {}1{}", "f((select 1 where 1 in (".repeat(9), ")))".repeat(9));
        let factors = format!("select * from {}a join b{}", "(".repeat(29), ")".repeat(29));
        let cases = format!("select {}", "case interval ".repeat(100));
        for text in [interval, calls, lists, members, mixed, factors, cases] {
            let begun = std::time::Instant::now();
            let read = parse(&text).is_ok();
            let spent = begun.elapsed();
            assert!(spent < std::time::Duration::from_secs(3), "{spent:?} {read} {}", &text[..40]);
        }
        assert!(parse("select upper(lower(upper(lower(upper(lower('a'))))))").is_ok());
        assert!(parse(&format!("select 1 where 1 in ({})", vec!["1"; 9_000].join(","))).is_ok());
    }

    /// The dialect is PostgreSQL's but for its bound.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "compares with the parser as it comes")]
    fn the_bounded_dialect_reads_as_postgresql() {
        let texts = [
            "select \"a\" || 'b', e'\\n', u&'\\0041', 1_000, $$x$$, /* /* n */ */ b'1', x'ff'",
            "select extract('year' from a), extract(epoch from a), trim('a', 'b'), sum(a) filter (where b)",
            "select a notnull, a isnull, 5!, !!5, @ -5, |/ 4, ||/ 8, 1 # 2, 1 << 2, 2 >> 1, a ~ 'x', a && b",
            "select a[1], a[1:2], array[1, 2], '{1}'::int[], a at time zone 'UTC', a collate \"C\"",
            "select json_object('a': 'b'), json_object('a' value 'b'), f(a => 1), a -> 'b' ->> 'c', a @> b",
            "select from t group by (), a, cube (a, b), grouping sets ((a), ())",
            "select interval '1' year to month, interval '1 day', date '2020-01-01', point '1,2', xml '<a/>'",
            "explain (analyze, verbose) select 1; set names 'utf8'; listen a; comment on table t is 'x'",
            "create table t (like s); create index i on t (a) with (fillfactor = 70); load 'x'",
            "insert into t as u values (1); alter table t alter column a type int using a::int",
            "select * as x from t; select /*+ hint */ 1; select a xor b, a is distinct from b, 2 ^ 3",
            "select 数, a$b from 表 where ä = 1 and a operator(pg_catalog.+) 1 = 2",
        ];
        for text in texts {
            let plain = Parser::parse_sql(&datafusion::sql::sqlparser::dialect::PostgreSqlDialect {}, text);
            assert_eq!(unchanged(text), plain.expect(text), "{text}");
        }
    }
}
