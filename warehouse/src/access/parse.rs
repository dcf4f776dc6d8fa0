//! From text to statements, the same for HTTP, command line and wire: the fence, PostgreSQL's dialect, and the rewriting
//! of what PostgreSQL says otherwise than the engine. Rules that bend a statement to make clients' catalog queries run
//! are kept to statements that read nothing but the catalog: on people's data a wrong answer is worse than an error.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use super::array::call_quantifiers;
use super::fence;
use super::naming::tell_apart;
use super::numeric::call_unconstrained;
use super::pg::{EXTRA_TABLES, bend, look_up_names};
use super::spelling::respell;
use super::wording::adapt;
use crate::error::WarehouseError;
use datafusion::sql::sqlparser::ast::{ObjectName, Statement, visit_relations};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion_pg_catalog::pg_catalog::PG_CATALOG_TABLES;
use datafusion_pg_catalog::sql::PostgresCompatibilityParser;
use datafusion_pg_catalog::sql::rules::{
    CurrentUserVariableToSessionUserFunctionCall, FixVersionColumnName, PrependUnqualifiedPgTableName,
    RewritePgCatalogOperator, RewriteRegCastToSubquery, SqlStatementRewriteRule, StripCallableQualifier,
};

/// Functions that may stand where a table stands, for data as well as in catalog queries.
const ROW_FUNCTIONS: [&str; 3] = ["generate_series", "string_to_array", "unnest"];

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
    fence::check(text)?;
    let bad = |error: ParserError| WarehouseError::BadQuery(error.to_string().chars().take(600).collect());
    let plain = Parser::parse_sql(&PostgreSqlDialect {}, text);
    if let Some(by_heart) = known_by_heart(text, plain.as_deref().ok()) {
        return Ok(by_heart);
    }
    let statements = plain.map_err(bad)?;
    let one = |mut statement: Statement| {
        look_up_names(&mut statement);
        respell(&mut statement).and_then(|()| rewritten(statement)).map_err(WarehouseError::BadQuery)
    };
    statements.into_iter().map(one).collect()
}

fn rewritten(mut statement: Statement) -> Result<Statement, String> {
    Ok(match relations(&statement) {
        Relations::CatalogOnly => {
            bend(&mut statement);
            CATALOG_PARSER.rewrite(statement)
        }
        Relations::None | Relations::Data => {
            tell_apart(&mut statement);
            call_quantifiers(&mut statement);
            call_unconstrained(&mut statement);
            adapt(&mut statement)?;
            RULES.iter().fold(statement, |s, rule| rule.rewrite(s))
        }
    })
}

/// The library knows some clients' catalog queries by heart and replaces them whole or in part. It compares tokens, so
/// what it leaves as it was is not taken from it. Whatever it makes of a statement on data is not used.
fn known_by_heart(text: &str, plain: Option<&[Statement]>) -> Option<Vec<Statement>> {
    if plain.is_some_and(|statements| statements.iter().any(|s| relations(s) == Relations::Data)) {
        return None;
    }
    let known = CATALOG_PARSER.parse(text).ok()?;
    if known.iter().any(|s| relations(s) == Relations::Data) {
        return None;
    }
    let untouched = plain.is_some_and(|statements| {
        statements.iter().cloned().map(|s| CATALOG_PARSER.rewrite(s)).eq(known.iter().cloned())
    });
    (!untouched).then_some(known)
}

/// What a statement reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relations {
    None,
    CatalogOnly,
    Data,
}

fn relations(statement: &Statement) -> Relations {
    let mut found = Relations::None;
    let _: ControlFlow<()> = visit_relations(statement, |name| {
        if is_rows(name) {
            return ControlFlow::Continue(());
        }
        found = match (found, is_catalog(name)) {
            (Relations::Data, _) | (_, false) => Relations::Data,
            (_, true) => Relations::CatalogOnly,
        };
        ControlFlow::Continue(())
    });
    found
}

/// Whether a function stands there that makes rows of its own. It is read beside either; alone it is no catalog.
fn is_rows(name: &ObjectName) -> bool {
    let [part] = name.0.as_slice() else { return false };
    part.as_ident().is_some_and(|ident| ROW_FUNCTIONS.contains(&&*ident.value.to_ascii_lowercase()))
}

fn is_catalog(name: &ObjectName) -> bool {
    let parts: Vec<String> =
        name.0.iter().filter_map(|p| p.as_ident()).map(|i| i.value.to_ascii_lowercase()).collect();
    match parts.as_slice() {
        [table] => {
            let table = table.as_str();
            PG_CATALOG_TABLES.contains(&table) || EXTRA_TABLES.contains(&table) || table == "pg_get_keywords"
        }
        [.., schema, _] => schema == "pg_catalog" || schema == "information_schema",
        [] => false,
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
        assert!(parse(&format!("select {}", vec!["1"; 20_000].join("+"))).is_err());
    }
}
