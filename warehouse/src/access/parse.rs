//! From text to statements, the same for HTTP, command line and wire: the fence, PostgreSQL's dialect, and the rewriting
//! of what PostgreSQL says otherwise than the engine. Rules that bend a statement to make clients' catalog queries run
//! are kept to statements that read nothing but the catalog: on people's data a wrong answer is worse than an error.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use datafusion::sql::sqlparser::ast::{ObjectName, Statement, visit_relations};
use datafusion_pg_catalog::pg_catalog::PG_CATALOG_TABLES;
use datafusion_pg_catalog::sql::PostgresCompatibilityParser;
use datafusion_pg_catalog::sql::rules::{
    CurrentUserVariableToSessionUserFunctionCall, FixArrayLiteral, FixVersionColumnName,
    PrependUnqualifiedPgTableName, RewriteArrayAnyAllOperation, RewritePgCatalogOperator,
    RewriteRegCastToSubquery, SqlStatementRewriteRule, StripCallableQualifier, StripCollate,
};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::Parser;

use super::fence;
use crate::error::WarehouseError;

/// Everything the library knows, also what replaces a query it cannot run by an empty one.
static CATALOG_PARSER: LazyLock<PostgresCompatibilityParser> = LazyLock::new(PostgresCompatibilityParser::new);

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
    let bad = |error: datafusion::sql::sqlparser::parser::ParserError| {
        WarehouseError::BadQuery(error.to_string().chars().take(600).collect())
    };
    let plain = Parser::parse_sql(&PostgreSqlDialect {}, text);
    if plain.as_ref().map_or(true, |statements| statements.iter().any(reads_catalog_only)) {
        // Also when the plain text is no SQL the parser knows: the library may know the query by heart.
        let known = CATALOG_PARSER.parse(text);
        if let Ok(known) = known
            && known.iter().all(|s| plain.is_err() || reads_catalog_only(s) || !matches!(s, Statement::Query(_)))
        {
            return Ok(known);
        }
    }
    let statements = plain.map_err(bad)?;
    let rewrite = |statement| RULES.iter().fold(statement, |statement, rule| rule.rewrite(statement));
    Ok(statements.into_iter().map(rewrite).collect())
}

/// Whether a statement reads tables, and none but those of the system catalogs.
fn reads_catalog_only(statement: &Statement) -> bool {
    let (mut some, mut only) = (false, true);
    let _: ControlFlow<()> = visit_relations(statement, |name| {
        some = true;
        only &= is_catalog(name);
        ControlFlow::Continue(())
    });
    some && only
}

fn is_catalog(name: &ObjectName) -> bool {
    let parts: Vec<String> =
        name.0.iter().filter_map(|p| p.as_ident()).map(|i| i.value.to_ascii_lowercase()).collect();
    match parts.as_slice() {
        [table] => PG_CATALOG_TABLES.contains(&table.as_str()),
        [.., schema, _] => schema == "pg_catalog" || schema == "information_schema",
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let statements = parse(text).map(|s| s.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
        assert_eq!(statements.unwrap_or_else(|e| e.to_string()), expected);
    }

    #[test]
    fn statements_on_data_keep_their_meaning() {
        let correlated = "SELECT a, (SELECT max(x) FROM t WHERE t.k = s.k) FROM s";
        check(correlated, correlated);
        check("SELECT no, * FROM pay", "SELECT no, * FROM pay");
        check("SELECT '{a,b}' FROM pay", "SELECT '{a,b}' FROM pay");
        check("select a from t where b = any(array[1,2])", "SELECT a FROM t WHERE array_contains(ARRAY[1, 2], b)");
        check("select pg_catalog.lower(a) collate \"C\" from t", "SELECT lower(a) FROM t");
        check("select current_user", "SELECT session_user");
        let mixed = "SELECT (SELECT max(x) FROM t WHERE t.k = c.oid) FROM pg_catalog.pg_class AS c";
        check(mixed, mixed);
    }

    #[test]
    fn catalog_queries_are_made_to_run() {
        check("select relname from pg_class", "SELECT relname FROM pg_catalog.pg_class");
        let aliased = "SELECT n.oid AS __alias_oid, n.* FROM pg_catalog.pg_namespace AS n";
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
