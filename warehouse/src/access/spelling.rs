//! PostgreSQL's spelling of what the engine says otherwise: escape characters of LIKE, `user`. For all statements, since
//! the meaning stays.

use std::ops::ControlFlow;

use super::calls::call;
use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArguments, Ident, ObjectName, Statement, Value,
};

use super::walk::{Flow, Rewrite, rewrite};

/// Changes the statement in place.
pub(super) fn respell(statement: &mut Statement) {
    let _ = rewrite(statement, &mut Respell);
}

struct Respell;

impl Rewrite for Respell {
    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
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
    call("replace", vec![text, quoted(from), quoted(to)])
}

fn is(function: &Function, name: &str) -> bool {
    let last = function.name.0.last().and_then(|part| part.as_ident());
    last.is_some_and(|ident| ident.value.eq_ignore_ascii_case(name))
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
    use super::super::parse::unchanged;
    use super::*;

    fn check(sql: &str, expected: &str) {
        let mut statement = unchanged(sql).remove(0);
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
}
