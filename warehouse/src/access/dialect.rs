//! PostgreSQL's dialect with a bound on the work of one text. The parser tries readings and takes them back: arguments of
//! calls, bracketed sub-queries and words that may begin a type are read twice, within each other twice as often again.
//! Whatever makes it read too much, known to us or not, ends here. What the dialect means is PostgreSQL's, unchanged.

use std::any::TypeId;
use std::cell::Cell;

use datafusion::sql::sqlparser::ast::Expr;
use datafusion::sql::sqlparser::dialect::{Dialect, PostgreSqlDialect, Precedence};
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};

/// Beginnings of expressions and operators read for one text, those read twice counted twice: six for each of the longest
/// list that is allowed, and a tenth of a second.
const MOST_READINGS: usize = 60_000;

/// The dialect of one text; not to be used for another.
#[derive(Debug)]
pub(super) struct BoundedDialect {
    inner: PostgreSqlDialect,
    left: Cell<usize>,
}

impl BoundedDialect {
    pub(super) fn new() -> Self {
        Self { inner: PostgreSqlDialect {}, left: Cell::new(MOST_READINGS) }
    }

    /// Whether the parser gave up because of the bound.
    pub(super) fn is_spent(&self) -> bool {
        self.left.get() == 0
    }

    fn read_one(&self) -> Option<Result<Expr, ParserError>> {
        match self.left.get().checked_sub(1) {
            Some(left) if left > 0 => {
                self.left.set(left);
                None
            }
            _ => {
                self.left.set(0);
                Some(Err(ParserError::RecursionLimitExceeded))
            }
        }
    }
}

/// What PostgreSQL's dialect answers where it differs from any dialect's default. After a new version of the parser:
/// compare with the methods of `PostgreSqlDialect`.
macro_rules! as_postgresql {
    ($($name:ident),* $(,)?) => {
        $(fn $name(&self) -> bool {
            self.inner.$name()
        })*
    };
}

impl Dialect for BoundedDialect {
    fn dialect(&self) -> TypeId {
        self.inner.dialect()
    }

    fn parse_prefix(&self, _parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        self.read_one()
    }

    fn parse_infix(
        &self,
        _parser: &mut Parser,
        _expr: &Expr,
        _precedence: u8,
    ) -> Option<Result<Expr, ParserError>> {
        self.read_one()
    }

    fn identifier_quote_style(&self, identifier: &str) -> Option<char> {
        self.inner.identifier_quote_style(identifier)
    }

    fn is_delimited_identifier_start(&self, letter: char) -> bool {
        self.inner.is_delimited_identifier_start(letter)
    }

    fn is_identifier_start(&self, letter: char) -> bool {
        self.inner.is_identifier_start(letter)
    }

    fn is_identifier_part(&self, letter: char) -> bool {
        self.inner.is_identifier_part(letter)
    }

    fn is_custom_operator_part(&self, letter: char) -> bool {
        self.inner.is_custom_operator_part(letter)
    }

    fn is_reserved_for_identifier(&self, word: Keyword) -> bool {
        self.inner.is_reserved_for_identifier(word)
    }

    fn get_next_precedence(&self, parser: &Parser) -> Option<Result<u8, ParserError>> {
        self.inner.get_next_precedence(parser)
    }

    fn prec_value(&self, precedence: Precedence) -> u8 {
        self.inner.prec_value(precedence)
    }

    as_postgresql!(
        allow_extract_custom,
        allow_extract_single_quotes,
        supports_alter_column_type_using,
        supports_array_typedef_with_brackets,
        supports_bitwise_shift_operators,
        supports_comma_separated_trim,
        supports_comment_on,
        supports_comment_optimizer_hint,
        supports_create_index_with_clause,
        supports_create_table_like_parenthesized,
        supports_empty_projections,
        supports_explain_with_utility_options,
        supports_factorial_operator,
        supports_filter_during_aggregation,
        supports_geometric_types,
        supports_group_by_expr,
        supports_insert_table_alias,
        supports_interval_options,
        supports_listen_notify,
        supports_load_extension,
        supports_named_fn_args_with_colon_operator,
        supports_named_fn_args_with_expr_name,
        supports_nested_comments,
        supports_notnull_operator,
        supports_numeric_literal_underscores,
        supports_select_wildcard_with_alias,
        supports_set_names,
        supports_string_escape_constant,
        supports_unicode_string_literal,
        supports_xml_expressions,
    );
}
