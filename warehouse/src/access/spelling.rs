//! PostgreSQL's spelling of what the engine says otherwise: escape characters of LIKE, formats of times, `user`. For all
//! statements, since the meaning stays; what is not understood here is left to the engine to refuse.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident, ObjectName,
    Statement, Value, VisitMut, VisitorMut,
};

/// Letters of a time format and what the engine calls them. Longer ones first: `HH24` begins like `HH`.
const FORMATS: [(&str, &str); 9] = [
    ("YYYY", "%Y"),
    ("HH24", "%H"),
    (".US", "%.f"),
    (".MS", "%.f"),
    ("MM", "%m"),
    ("DD", "%d"),
    ("MI", "%M"),
    ("SS", "%S"),
    ("HH12", "%I"),
];

/// Changes the statement in place.
pub(super) fn respell(statement: &mut Statement) {
    let _ = statement.visit(&mut Respell);
}

struct Respell;

impl VisitorMut for Respell {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        match expr {
            Expr::Like { pattern, escape_char, .. } | Expr::ILike { pattern, escape_char, .. } => {
                let escape = escape_char.as_ref().and_then(|value| text(&value.value)).map(str::to_owned);
                let mut letters = escape.iter().flat_map(|escape| escape.chars());
                if let (Some(escape), None) = (letters.next(), letters.next())
                    && escape != '\\'
                {
                    match literal(pattern) {
                        Some(given) => *given = with_backslashes(given, escape),
                        None => **pattern = computed_with_backslashes((**pattern).clone(), escape),
                    }
                    *escape_char = None;
                }
            }
            Expr::Function(f) if is(f, "to_timestamp") || is(f, "to_date") => {
                if let Some(format) = second(f).and_then(literal)
                    && let Some(known) = engine_format(format)
                {
                    *format = known;
                }
            }
            // A reserved word, read as a call without brackets.
            Expr::Function(f)
                if f.name.0.len() == 1 && is(f, "user") && matches!(f.args, FunctionArguments::None) =>
            {
                f.name = ObjectName::from(vec![Ident::new("session_user")]);
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// A pattern whose escape character becomes the backslash.
fn with_backslashes(pattern: &str, escape: char) -> String {
    let mut written = String::with_capacity(pattern.len());
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            _ if letter == escape => {
                written.push('\\');
                written.extend(letters.next());
            }
            '\\' => written.push_str("\\\\"),
            _ => written.push(letter),
        }
    }
    written
}

/// The same for a pattern known only when the statement runs, say a parameter. A doubled escape character stands for
/// itself; a control character keeps its place meanwhile.
fn computed_with_backslashes(pattern: Expr, escape: char) -> Expr {
    let (one, two) = (escape.to_string(), [escape, escape].iter().collect::<String>());
    [("\\", "\\\\"), (&*two, "\u{1}"), (&*one, "\\"), ("\u{1}", &*one)].into_iter().fold(pattern, replaced)
}

/// `replace(text, from, to)`.
fn replaced(text: Expr, (from, to): (&str, &str)) -> Expr {
    let quoted = |text: &str| Expr::Value(Value::SingleQuotedString(text.to_owned()).with_empty_span());
    let argument = |expr| FunctionArg::Unnamed(FunctionArgExpr::Expr(expr));
    let args = [text, quoted(from), quoted(to)].map(argument).into();
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::new("replace")]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args,
            clauses: vec![],
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: vec![],
    })
}

/// The format in the engine's letters; none when it already is or when a letter is not known.
fn engine_format(format: &str) -> Option<String> {
    let (mut written, mut rest) = (String::new(), format);
    while let Some(letter) = rest.chars().next() {
        if let Some((theirs, ours)) = FORMATS.into_iter().find(|(theirs, _)| rest.starts_with(theirs)) {
            written.push_str(ours);
            rest = &rest[theirs.len()..];
        } else if letter == '%' || letter.is_alphabetic() && letter != 'T' {
            return None;
        } else {
            written.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    Some(written)
}

fn is(function: &Function, name: &str) -> bool {
    let last = function.name.0.last().and_then(|part| part.as_ident());
    last.is_some_and(|ident| ident.value.eq_ignore_ascii_case(name))
}

/// The last of exactly two arguments.
fn second(function: &mut Function) -> Option<&mut Expr> {
    let FunctionArguments::List(list) = &mut function.args else { return None };
    match list.args.as_mut_slice() {
        [_, FunctionArg::Unnamed(FunctionArgExpr::Expr(expr))] => Some(expr),
        _ => None,
    }
}

fn literal(expr: &mut Expr) -> Option<&mut String> {
    let Expr::Value(value) = expr else { return None };
    match &mut value.value {
        Value::SingleQuotedString(text) => Some(text),
        _ => None,
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::SingleQuotedString(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::sql::sqlparser::{dialect::PostgreSqlDialect, parser::Parser};

    fn check(sql: &str, expected: &str) {
        let mut statement = Parser::parse_sql(&PostgreSqlDialect {}, sql).expect("sql").remove(0);
        respell(&mut statement);
        assert_eq!(statement.to_string(), expected);
    }

    #[test]
    fn escape_characters_become_backslashes() {
        check("SELECT a NOT LIKE 'pg/_%' ESCAPE '/'", r"SELECT a NOT LIKE 'pg\_%'");
        check(r"SELECT a ILIKE '100!%\!!' ESCAPE '!'", r"SELECT a ILIKE '100\%\\\!'");
        check(
            "SELECT a LIKE $1 || '%' ESCAPE '/'",
            "SELECT a LIKE replace(replace(replace(replace($1 || '%', '\\', '\\\\'), '//', '\u{1}'), '/', '\\'), '\u{1}', '/')",
        );
        check(r"SELECT a LIKE b ESCAPE '\'", r"SELECT a LIKE b ESCAPE '\'");
        check("SELECT a LIKE 'b%'", "SELECT a LIKE 'b%'");
        check("SELECT user, t.user, \"user\"", "SELECT session_user, t.user, \"user\"");
    }

    #[test]
    fn formats_of_times_are_translated() {
        check(
            "SELECT TO_TIMESTAMP('2025-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US')",
            "SELECT TO_TIMESTAMP('2025-01-01 00:00:00.000000', '%Y-%m-%d %H:%M:%S%.f')",
        );
        check("SELECT to_date(a, 'YYYYMMDD')", "SELECT to_date(a, '%Y%m%d')");
        check("SELECT to_date(a, '%Y')", "SELECT to_date(a, '%Y')");
        check("SELECT to_date(a, 'Month YYYY')", "SELECT to_date(a, 'Month YYYY')");
        check("SELECT to_timestamp(a)", "SELECT to_timestamp(a)");
    }
}
