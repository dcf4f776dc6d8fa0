//! Rules over several fields: `original_amount - discount = amount`, `valid_from <= valid_to`.
//! Sums and differences of fields of one kind, compared once; anything richer belongs in code with its own tests.

/// A parsed rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Left side.
    pub left: Vec<Term>,
    /// How the sides compare.
    pub comparison: Comparison,
    /// Right side.
    pub right: Vec<Term>,
}

/// A field with its sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Whether it is subtracted.
    pub negative: bool,
    /// The field.
    pub field: String,
}

/// How two sides compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `>`
    Above,
}

impl Comparison {
    /// Whether the order of the sides meets the comparison.
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Comparison::Equal => order.is_eq(),
            Comparison::AtMost => order.is_le(),
            Comparison::AtLeast => order.is_ge(),
            Comparison::Below => order.is_lt(),
            Comparison::Above => order.is_gt(),
        }
    }
}

impl Rule {
    /// Reads a rule; the error says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        // Two-character signs first, or `<=` would be read as `<`.
        let signs = [
            ("<=", Comparison::AtMost),
            (">=", Comparison::AtLeast),
            ("=", Comparison::Equal),
            ("<", Comparison::Below),
            (">", Comparison::Above),
        ];
        let found = signs.into_iter().find_map(|(sign, c)| text.split_once(sign).map(|sides| (sides, c)));
        let ((left, right), comparison) = found.ok_or("缺少比较符 =、<=、>=、< 或 >")?;
        Ok(Self { left: side(left)?, comparison, right: side(right)? })
    }

    /// Reads a sum of fields alone, such as `original_amount - discount`.
    pub fn side(text: &str) -> Result<Vec<Term>, String> {
        side(text)
    }

    /// Every field it names.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.left.iter().chain(&self.right).map(|t| t.field.as_str())
    }
}

fn side(text: &str) -> Result<Vec<Term>, String> {
    let mut terms = Vec::new();
    let mut rest = text.trim();
    let mut negative = false;
    loop {
        let end = rest.find(['+', '-']).unwrap_or(rest.len());
        let field = rest[..end].trim();
        if field.is_empty()
            || !field.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        {
            return Err(format!("“{}”不是字段名的加减式", text.trim()));
        }
        terms.push(Term { negative, field: field.to_owned() });
        let Some(sign) = rest[end..].chars().next() else { return Ok(terms) };
        negative = sign == '-';
        rest = &rest[end + 1..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_parse() {
        let rule = Rule::parse("original_amount - discount = amount").unwrap();
        assert_eq!(rule.comparison, Comparison::Equal);
        assert_eq!(rule.fields().collect::<Vec<_>>(), ["original_amount", "discount", "amount"]);
        assert!(rule.left[1].negative && !rule.left[0].negative);
        assert_eq!(Rule::parse("a<=b").unwrap().comparison, Comparison::AtMost);
        assert_eq!(Rule::parse("a + b >= c").unwrap().left.len(), 2);
    }

    #[test]
    fn bad_rules_are_refused() {
        for text in ["", "a", "a = ", "= b", "a + = b", "a * b = c", "a = b = c", "A = b"] {
            assert!(Rule::parse(text).is_err(), "{text}");
        }
    }
}
