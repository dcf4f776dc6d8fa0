//! From text to statements, the same for HTTP, command line and wire: the fence, PostgreSQL's dialect, and the rewriting
//! of what PostgreSQL says otherwise than the engine. Rules that bend a statement to make clients' catalog queries run
//! are kept to statements that read nothing but the catalog: on people's data a wrong answer is worse than an error.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use super::fence;
use super::forms::reform;
use super::naming::tell_apart;
use super::pg::{EXTRA_TABLES, bend, look_up_names};
use super::spelling::respell;
use crate::error::WarehouseError;
use datafusion::sql::sqlparser::ast::{ObjectName, Statement, visit_relations};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion_pg_catalog::pg_catalog::PG_CATALOG_TABLES;
use datafusion_pg_catalog::sql::PostgresCompatibilityParser;
use datafusion_pg_catalog::sql::rules::{
    CurrentUserVariableToSessionUserFunctionCall, FixArrayLiteral, FixVersionColumnName,
    PrependUnqualifiedPgTableName, RewriteArrayAnyAllOperation, RewritePgCatalogOperator,
    RewriteRegCastToSubquery, SqlStatementRewriteRule, StripCallableQualifier, StripCollate,
};

/// Functions that may stand where a table stands.
const ROW_FUNCTIONS: [&str; 3] = ["generate_series", "string_to_array", "unnest"];

/// The one of the catalog's that does.
const KEYWORDS: &str = "pg_get_keywords";

/// Everything the library knows, also what replaces a query it cannot run by an empty one.
static CATALOG_PARSER: LazyLock<PostgresCompatibilityParser> =
    LazyLock::new(PostgresCompatibilityParser::new);

/// What leaves the meaning of every statement as it is.
static RULES: LazyLock<[Box<dyn SqlStatementRewriteRule>; 9]> = LazyLock::new(|| {
    [
        Box::new(RewriteArrayAnyAllOperation),
        Box::new(PrependUnqualifiedPgTableName),
        Box::new(StripCallableQualifier),
        Box::new(FixArrayLiteral),
        Box::new(CurrentUserVariableToSessionUserFunctionCall),
        Box::new(StripCollate),
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
        respell(&mut statement);
        let reads = relations(&statement);
        reform(&mut statement, reads).map_err(WarehouseError::BadQuery)?;
        Ok(rewritten(statement, reads))
    };
    statements.into_iter().map(one).collect()
}

fn rewritten(mut statement: Statement, reads: Relations) -> Statement {
    match reads {
        Relations::CatalogOnly => {
            bend(&mut statement);
            CATALOG_PARSER.rewrite(statement)
        }
        Relations::None | Relations::Data => {
            tell_apart(&mut statement);
            RULES.iter().fold(statement, |s, rule| rule.rewrite(s))
        }
    }
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
            "SELECT a FROM t WHERE array_contains(ARRAY[1, 2], b)",
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
