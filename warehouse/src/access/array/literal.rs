//! PostgreSQL's text form of an array of one dimension.

/// A text that is no array, or one of several dimensions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadArray {
    /// The braces, quotes or commas are wrong.
    #[error("malformed array literal: \"{0}\"")]
    Malformed(String),
    /// Arrays of arrays.
    #[error("多维数组不支持：\"{0}\"")]
    Nested(String),
}

/// The elements of `{a,"b,c",NULL}`; a NULL is an element without a text.
///
/// # Errors
/// When the text is no array of one dimension.
pub fn array_elements(text: &str) -> Result<Vec<Option<String>>, BadArray> {
    let malformed = || BadArray::Malformed(text.chars().take(100).collect());
    let inner =
        text.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).ok_or_else(malformed)?;
    let mut letters = inner.chars().peekable();
    let mut elements = Vec::new();
    loop {
        while letters.next_if(|letter| letter.is_ascii_whitespace()).is_some() {}
        let (mut element, mut quoted, mut kept) = (String::new(), false, 0);
        loop {
            match letters.next() {
                None if elements.is_empty() && element.is_empty() && !quoted => return Ok(elements),
                Some('"') if element.is_empty() && !quoted => {
                    quoted = true;
                    loop {
                        match letters.next().ok_or_else(malformed)? {
                            '"' => break,
                            '\\' => element.push(letters.next().ok_or_else(malformed)?),
                            letter => element.push(letter),
                        }
                    }
                    kept = element.len();
                }
                end @ (None | Some(',')) => {
                    // Blanks at the end count in quotes, or behind a backslash.
                    element.truncate(
                        element.trim_end_matches(|c: char| c.is_ascii_whitespace()).len().max(kept),
                    );
                    if element.is_empty() && !quoted {
                        return Err(malformed());
                    }
                    let is_null = !quoted && kept == 0 && element.eq_ignore_ascii_case("null");
                    elements.push((!is_null).then_some(element));
                    match end {
                        None => return Ok(elements),
                        Some(_) => break,
                    }
                }
                Some('{') => return Err(BadArray::Nested(text.chars().take(100).collect())),
                Some('}' | '"') => return Err(malformed()),
                Some(letter) if quoted && !letter.is_ascii_whitespace() => return Err(malformed()),
                Some(_) if quoted => {}
                Some('\\') => {
                    element.push(letters.next().ok_or_else(malformed)?);
                    kept = element.len();
                }
                Some(letter) => element.push(letter),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_read_as_postgresql_reads_them() {
        let some = |text: &str| Some(text.to_owned());
        for (text, expected) in [
            ("{}", vec![]),
            (" { } ", vec![]),
            ("{a}", vec![some("a")]),
            (r#"{"a,b",c}"#, vec![some("a,b"), some("c")]),
            ("{ a b , c }", vec![some("a b"), some("c")]),
            ("{a,NULL,null}", vec![some("a"), None, None]),
            (r#"{"NULL",""}"#, vec![some("NULL"), some("")]),
            (r#"{"a\"b\\c",d\,e}"#, vec![some(r#"a"b\c"#), some("d,e")]),
            ("{餐饮,\" 文 \"}", vec![some("餐饮"), some(" 文 ")]),
        ] {
            assert_eq!(array_elements(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_array_is_refused() {
        for text in ["", "a", "{a", "a}", "{a,}", "{,a}", "{,}", r#"{"a}"#, r#"{"a"b}"#, r#"{a"b"}"#, "{a}}"]
        {
            assert!(matches!(array_elements(text), Err(BadArray::Malformed(_))), "{text}");
        }
        assert!(matches!(array_elements("{{1},{2}}"), Err(BadArray::Nested(_))));
    }
}
