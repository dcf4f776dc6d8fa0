//! Cuts the text of one message into its statements. Only quotes, comments and semicolons matter here; what a statement
//! means is decided by the one parser of the lake, which sees each piece alone.

/// The statements of a message, without their semicolons; pieces of blanks and comments alone are none.
pub fn statements(text: &str) -> Vec<&str> {
    let mut scan = Scan { bytes: text.as_bytes(), at: 0 };
    let (mut pieces, mut begin, mut filled) = (Vec::new(), 0, false);
    while let Some(part) = scan.next() {
        match part {
            Part::Blank => {}
            Part::Code => filled = true,
            Part::End => {
                if filled {
                    pieces.push(text[begin..scan.at - 1].trim());
                }
                (begin, filled) = (scan.at, false);
            }
        }
    }
    if filled {
        pieces.push(text[begin..].trim());
    }
    pieces
}

enum Part {
    Blank,
    Code,
    End,
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn next(&mut self) -> Option<Part> {
        let rest = &self.bytes[self.at..];
        let first = *rest.first()?;
        let part = match first {
            b';' => {
                self.at += 1;
                Part::End
            }
            b if b.is_ascii_whitespace() => {
                self.at += 1;
                Part::Blank
            }
            b'-' if rest.starts_with(b"--") => {
                self.at += rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
                Part::Blank
            }
            b'/' if rest.starts_with(b"/*") => {
                // One that nobody closes is no blank: the parser refuses it with its place.
                if self.comment() { Part::Blank } else { Part::Code }
            }
            b'\'' => {
                let escapes = self.after_letter_e();
                self.quoted(b'\'', escapes);
                Part::Code
            }
            b'"' => {
                self.quoted(b'"', Escapes::None);
                Part::Code
            }
            b'$' if !self.after_name() => {
                self.dollar();
                Part::Code
            }
            _ => {
                self.at += 1;
                Part::Code
            }
        };
        Some(part)
    }

    /// Goes behind a comment, which may hold others; whether it was closed.
    fn comment(&mut self) -> bool {
        let mut depth = 0_usize;
        while self.at < self.bytes.len() {
            let rest = &self.bytes[self.at..];
            if rest.starts_with(b"/*") {
                depth += 1;
                self.at += 2;
            } else if rest.starts_with(b"*/") {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    return true;
                }
            } else {
                self.at += 1;
            }
        }
        false
    }

    /// A doubled quote is part of the text: it closes one text and opens the next.
    fn quoted(&mut self, quote: u8, escapes: Escapes) {
        self.at += 1;
        while let Some(byte) = self.bytes.get(self.at) {
            self.at += match byte {
                b'\\' if escapes == Escapes::Backslash => 2,
                _ => 1,
            };
            if *byte == quote {
                return;
            }
        }
        self.at = self.bytes.len();
    }

    /// `$tag$ … $tag$`; anything else that begins with `$` is a parameter.
    fn dollar(&mut self) {
        let rest = &self.bytes[self.at + 1..];
        let length = rest.iter().take_while(|b| is_name(**b)).count();
        let opens = rest.get(length) == Some(&b'$') && !rest.first().is_some_and(u8::is_ascii_digit);
        if !opens {
            self.at += 1;
            return;
        }
        let tag = &self.bytes[self.at..self.at + length + 2];
        let body = self.at + tag.len();
        let close = self.bytes[body..].windows(tag.len()).position(|window| window == tag);
        self.at = close.map_or(self.bytes.len(), |close| body + close + tag.len());
    }

    fn after_name(&self) -> bool {
        self.at > 0 && is_name(self.bytes[self.at - 1])
    }

    /// `E'…'` knows backslashes, `name'…'` does not.
    fn after_letter_e(&self) -> Escapes {
        let letter = self.at.checked_sub(1).is_some_and(|at| matches!(self.bytes[at], b'e' | b'E'));
        let alone = self.at.checked_sub(2).is_none_or(|at| !is_name(self.bytes[at]));
        if letter && alone { Escapes::Backslash } else { Escapes::None }
    }
}

#[derive(PartialEq, Eq)]
enum Escapes {
    None,
    Backslash,
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::statements;

    #[test]
    fn only_real_semicolons_cut() {
        let cases: [(&str, &[&str]); 15] = [
            ("", &[]),
            (" ;; -- nothing\n ; /* ; */", &[]),
            ("select 1", &["select 1"]),
            ("begin; select 1; commit;", &["begin", "select 1", "commit"]),
            ("select ';' ; select 2", &["select ';'", "select 2"]),
            ("select 'it''s;' ; x", &["select 'it''s;'", "x"]),
            ("select E'\\';' ; x", &["select E'\\';'", "x"]),
            ("select name'\\' ; x", &["select name'\\'", "x"]),
            ("select \"a;\"\"b\" ; x", &["select \"a;\"\"b\"", "x"]),
            ("select $$;$$, $t$ ; $$ ; $t$ ; x", &["select $$;$$, $t$ ; $$ ; $t$", "x"]),
            ("select $1;x", &["select $1", "x"]),
            ("select 1 /* /* ; */ ; */ ; x", &["select 1 /* /* ; */ ; */", "x"]),
            ("select 1; /* /* ; */", &["select 1", "/* /* ; */"]),
            ("select 1 -- ; '\n; x", &["select 1 -- ; '", "x"]),
            ("select '中；文;", &["select '中；文;"]),
        ];
        for (text, want) in cases {
            assert_eq!(statements(text), want, "{text}");
        }
    }
}
