//! One pattern, read from the left as PostgreSQL reads its advanced regular expressions.

use super::bracket::set;
use super::escape::{character, shorthand};

/// How often something may be repeated by a number.
const MOST_TIMES: u32 = 255;

/// A sentence about what is no regular expression.
pub(super) fn broken(why: &str) -> String {
    format!("正则表达式不成立：{why}")
}

/// The pattern in the engine's writing, read with PostgreSQL's options.
///
/// # Errors
/// A sentence about what is wrong or has no counterpart.
pub(in crate::access::wording) fn engines(pattern: &str, options: &str) -> Result<String, String> {
    let letters: Vec<char> = pattern.chars().collect();
    let mut reader =
        Reader { letters, at: 0, made: String::new(), modes: Modes::default(), open: 0, repeatable: false };
    reader.modes.set(options, true)?;
    reader.beginning()?;
    while reader.at < reader.letters.len() {
        reader.one()?;
    }
    if reader.open > 0 {
        return Err(broken("圆括号没有成对"));
    }
    let mut made = reader.made;
    if reader.modes.any {
        made.insert_str(0, "(?s)");
    }
    match reader.modes.case {
        Some(true) => made.insert_str(0, "(?i)"),
        // The engine's own options come before the pattern.
        Some(false) => made.insert_str(0, "(?-i)"),
        None => {}
    }
    Ok(made)
}

/// What options say.
#[derive(Default)]
struct Modes {
    /// A dot and a set of others do not match a line's end.
    keeps_lines: bool,
    /// `^` and `$` match at the ends of lines.
    at_lines: bool,
    /// White space and comments mean nothing.
    is_expanded: bool,
    /// Whether upper and lower case are one, where the pattern itself says it.
    case: Option<bool>,
    /// Whether there is a dot that matches anything.
    any: bool,
}

impl Modes {
    /// Sets what the letters say; those of a call may ask for all matches, and its case is left to the engine.
    fn set(&mut self, options: &str, of_call: bool) -> Result<(), String> {
        for option in options.chars() {
            match option {
                'n' | 'm' => (self.keeps_lines, self.at_lines) = (true, true),
                'p' => (self.keeps_lines, self.at_lines) = (true, false),
                'w' => (self.keeps_lines, self.at_lines) = (false, true),
                's' => (self.keeps_lines, self.at_lines) = (false, false),
                'x' => self.is_expanded = true,
                't' => self.is_expanded = false,
                'g' | 'i' | 'c' if of_call => {}
                'i' => self.case = Some(true),
                'c' => self.case = Some(false),
                other => {
                    return Err(format!("不支持正则表达式的选项 {other}；可用 g、i、c、n、p、w、s、x、t"));
                }
            }
        }
        Ok(())
    }
}

struct Reader {
    letters: Vec<char>,
    at: usize,
    made: String,
    modes: Modes,
    /// Brackets that are open.
    open: usize,
    /// Whether what was read last can be repeated.
    repeatable: bool,
}

impl Reader {
    fn next_is(&self, letter: char) -> bool {
        self.letters.get(self.at) == Some(&letter)
    }

    /// `(?i)` before everything else.
    fn beginning(&mut self) -> Result<(), String> {
        if let ['(', '?', rest @ ..] = self.letters.as_slice()
            && let Some(length) = rest.iter().position(|letter| !letter.is_ascii_alphabetic())
            && length > 0
            && rest.get(length) == Some(&')')
        {
            let options: String = rest[..length].iter().collect();
            self.at = length + 3;
            self.modes.set(&options, false)?;
        }
        Ok(())
    }

    fn one(&mut self) -> Result<(), String> {
        let letter = self.letters[self.at];
        self.at += 1;
        match letter {
            '\\' => return self.escape(),
            '[' => {
                let is_boundary = self.letters[self.at..].starts_with(&['[', ':', '<'])
                    || self.letters[self.at..].starts_with(&['[', ':', '>']);
                set(&self.letters, &mut self.at, &mut self.made, self.modes.keeps_lines)?;
                self.repeatable = !is_boundary;
                return Ok(());
            }
            '(' => return self.group(),
            ')' => {
                self.open = self.open.checked_sub(1).ok_or_else(|| broken("圆括号没有成对"))?;
                self.made.push(')');
            }
            '.' if self.modes.keeps_lines => self.made.push_str(r"[^\n]"),
            '.' => {
                self.modes.any = true;
                self.made.push('.');
            }
            '^' | '$' => {
                match self.modes.at_lines {
                    true => self.made.push_str(&format!("(?m:{letter})")),
                    false => self.made.push(letter),
                }
                self.repeatable = false;
                return Ok(());
            }
            '|' => {
                self.made.push('|');
                self.repeatable = false;
                return Ok(());
            }
            '*' | '+' | '?' => {
                self.made.push(letter);
                return self.repeated();
            }
            '{' if self.letters.get(self.at).is_some_and(char::is_ascii_digit) => return self.times(),
            ' ' | '\t'..='\r' if self.modes.is_expanded => return Ok(()),
            '#' if self.modes.is_expanded => {
                let comment = self.letters[self.at..].iter().take_while(|letter| **letter != '\n').count();
                self.at += comment;
                return Ok(());
            }
            other => self.plain(other),
        }
        self.repeatable = true;
        Ok(())
    }

    /// A character that stands for itself.
    fn plain(&mut self, letter: char) {
        if r"\.+*?()|[]{}^$".contains(letter) {
            self.made.push('\\');
        }
        self.made.push(letter);
    }

    fn group(&mut self) -> Result<(), String> {
        self.made.push('(');
        if self.next_is('?') {
            match self.letters.get(self.at + 1) {
                Some(':') => {
                    self.made.push_str("?:");
                    self.at += 2;
                }
                Some('=' | '!' | '<') => {
                    return Err(
                        "正则表达式不支持前后查看，如 (?=…)、(?!…)、(?<=…)；请用两个条件写".to_owned()
                    );
                }
                Some(letter) if letter.is_ascii_alphabetic() => {
                    return Err(broken("选项 (?…) 只能写在最前面"));
                }
                _ => return Err(broken("“(?” 后面的写法不认识")),
            }
        }
        self.open += 1;
        self.repeatable = false;
        Ok(())
    }

    fn escape(&mut self) -> Result<(), String> {
        let Some(letter) = self.letters.get(self.at).copied() else {
            return Err(broken("最后的反斜杠后面没有字符"));
        };
        let boundary = match letter {
            'm' => r"\b{start}",
            'M' => r"\b{end}",
            'y' => r"\b",
            'Y' => r"\B",
            'A' => r"\A",
            'Z' => r"\z",
            _ => "",
        };
        if !boundary.is_empty() {
            self.at += 1;
            self.made.push_str(boundary);
            self.repeatable = false;
            return Ok(());
        }
        self.repeatable = true;
        if let Some((class, others)) = shorthand(letter) {
            self.at += 1;
            let not = if others { "^" } else { "" };
            self.made.push_str(&format!("[{not}{class}]"));
            return Ok(());
        }
        if matches!(letter, '1'..='9') {
            return Err(format!("正则表达式不支持反向引用（\\{letter}）；请把重复的部分写出来"));
        }
        let character = character(&self.letters, &mut self.at);
        self.plain(character.ok_or_else(|| broken(&format!("不认识 \\{letter}")))?);
        Ok(())
    }

    /// `{2}`, `{2,}`, `{2,3}`
    fn times(&mut self) -> Result<(), String> {
        let wrong = || broken(&format!("重复的次数不对，最多 {MOST_TIMES} 次"));
        let length = self.letters[self.at..].iter().position(|letter| *letter == '}').ok_or_else(wrong)?;
        let times: String = self.letters[self.at..self.at + length].iter().collect();
        self.at += length + 1;
        let number =
            |text: &str| text.parse::<u32>().ok().filter(|times| *times <= MOST_TIMES).ok_or_else(wrong);
        match times.split_once(',') {
            None => {
                number(&times)?;
            }
            Some((least, "")) => {
                number(least)?;
            }
            Some((least, most)) if number(least)? <= number(most)? => {}
            Some(_) => return Err(wrong()),
        }
        self.made.push_str(&format!("{{{times}}}"));
        self.repeated()
    }

    /// Behind a repetition; a question mark makes it take as little as it can.
    fn repeated(&mut self) -> Result<(), String> {
        if !self.repeatable {
            return Err(broken("重复符号前面没有可以重复的内容"));
        }
        self.repeatable = false;
        if self.next_is('?') {
            self.at += 1;
            self.made.push('?');
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;

    fn holds(text: &str, pattern: &str, options: &str) -> bool {
        let made = engines(pattern, options).expect(pattern);
        Regex::new(&made).expect(&made).is_match(text)
    }

    /// Asked of PostgreSQL 15.
    #[test]
    fn patterns_match_what_they_match_in_postgresql() {
        for (text, pattern, options, want) in [
            ("浦江", "^[[:alpha:]]+$", "", true),
            ("（", "^[[:punct:]]$", "", true),
            ("É", "[[:upper:]]", "", true),
            ("ß", "[[:lower:]]", "", true),
            ("１", r"\d|[[:digit:]]", "", false),
            ("１", "[[:alpha:]]", "", true),
            ("1", "[[:alpha:]]", "", false),
            ("\u{3000}", r"\s", "", true),
            ("\u{a0}", r"\s", "", false),
            ("a\nb", "a.b", "", true),
            ("a\nb", "a.b", "n", false),
            ("a\nb", "^b", "w", true),
            ("a\nb", "a[^x]b", "n", false),
            ("ab", r"\mab\M", "", true),
            ("a b", r"a\y", "", true),
            ("ab", r"a\Yb", "", true),
            ("ab c", "[[:<:]]c[[:>:]]", "", true),
            ("a\n", r"a\Z", "", false),
            ("a{b", "a{b", "", true),
            ("x}", "x}", "", true),
            ("[", "[[]", "", true),
            ("a]", "[]]", "", true),
            (r"\", r"[\\]", "", true),
            ("-", r"[a\-b]", "", true),
            ("b", "[a&&b]", "", true),
            ("ab 1", r"^[\w\s]+$", "", true),
            ("a", r"^[^\d]$", "", true),
            ("A", "(?i)a", "", true),
            ("ab", "a # end\n b", "x", true),
            ("\u{8}", r"\b", "", true),
            ("é", r"\xe9", "", true),
            ("a", r"\u0061", "", true),
            ("\u{1}", r"\001", "", true),
            ("foo", "^(foo|)$", "", true),
            ("€", "[[:punct:]]", "", true),
            ("①", "[[:alpha:]]", "", false),
            ("Ⅷ", "[[:upper:]]", "", true),
        ] {
            assert_eq!(holds(text, pattern, options), want, "{text} ~ {pattern}");
        }
    }

    #[test]
    fn what_needs_no_other_writing_stays() {
        for pattern in [r"^a-b_c/d: [a-z]{2,3}(x|y)*?\.$", "浦江", "", "()"] {
            assert_eq!(engines(pattern, "").expect(pattern), pattern);
        }
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        for pattern in [
            "(a",
            "a)",
            "[a",
            "*a",
            "a**",
            "a{2,1}",
            "a{300}",
            r"\q",
            "[[:foo:]]",
            "[z-a]",
            r"a\",
            "x(?i)y",
            "^*",
            "(?#)",
            "a{1",
        ] {
            let sentence = engines(pattern, "").expect_err(pattern);
            assert!(sentence.starts_with("正则表达式不成立"), "{pattern}: {sentence}");
        }
        for pattern in [r"(a)\1", "a(?=b)", "a(?!b)", "(?<=a)b", "(?q)a"] {
            let sentence = engines(pattern, "").expect_err(pattern);
            assert!(sentence.contains("不支持"), "{pattern}: {sentence}");
        }
    }
}
