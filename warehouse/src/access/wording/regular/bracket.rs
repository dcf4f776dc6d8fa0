//! `[…]`: a set of characters. In the engine's sets there are sets within sets and operators between them, in PostgreSQL's
//! only names such as `[:alpha:]`.

use super::escape::{character, class, shorthand};
use super::translate::broken;

/// One thing in a set.
enum Item {
    Character(char),
    /// What the engine writes for many.
    Class(String),
}

/// Writes the set whose bracket was read; `at` is behind it, and moves behind the closing one.
pub(super) fn set(
    letters: &[char],
    at: &mut usize,
    made: &mut String,
    keeps_lines: bool,
) -> Result<(), String> {
    for (word, boundary) in [("[:<:]]", r"\b{start}"), ("[:>:]]", r"\b{end}")] {
        if letters[*at..].iter().take(word.len()).copied().eq(word.chars()) {
            *at += word.len();
            made.push_str(boundary);
            return Ok(());
        }
    }
    made.push('[');
    if letters.get(*at) == Some(&'^') {
        *at += 1;
        made.push('^');
        if keeps_lines {
            made.push_str(r"\n");
        }
    }
    let mut is_first = true;
    loop {
        if letters.get(*at) == Some(&']') && !is_first {
            *at += 1;
            made.push(']');
            return Ok(());
        }
        is_first = false;
        let first = match item(letters, at)? {
            Item::Class(class) => {
                made.push_str(&class);
                continue;
            }
            Item::Character(first) => first,
        };
        push(made, first);
        let is_range =
            letters.get(*at) == Some(&'-') && letters.get(*at + 1).is_some_and(|next| *next != ']');
        if is_range {
            *at += 1;
            match item(letters, at)? {
                Item::Character(last) if first <= last => {
                    made.push('-');
                    push(made, last);
                }
                _ => return Err(broken("方括号里的范围不对")),
            }
        }
    }
}

fn item(letters: &[char], at: &mut usize) -> Result<Item, String> {
    let unclosed = || broken("方括号没有成对");
    let letter = *letters.get(*at).ok_or_else(unclosed)?;
    *at += 1;
    match (letter, letters.get(*at)) {
        ('[', Some(mark @ (':' | '.' | '='))) => {
            *at += 1;
            let rest = &letters[*at..];
            let length = rest.windows(2).position(|two| two == [*mark, ']']).ok_or_else(unclosed)?;
            let name: String = rest[..length].iter().collect();
            *at += length + 2;
            let mut single = name.chars();
            match (mark, single.next(), single.next()) {
                (':', ..) => {
                    class(&name).map(Item::Class).ok_or_else(|| broken(&format!("没有字符类 [:{name:.20}:]")))
                }
                (_, Some(one), None) => Ok(Item::Character(one)),
                _ => Err(broken("[. .] 和 [= =] 里只能是一个字符")),
            }
        }
        ('\\', Some(next)) => {
            if let Some((class, others)) = shorthand(*next) {
                *at += 1;
                return Ok(Item::Class(if others { format!("[^{class}]") } else { class }));
            }
            character(letters, at).map(Item::Character).ok_or_else(|| broken("反斜杠后面的写法不认识"))
        }
        _ => Ok(Item::Character(letter)),
    }
}

/// A character that stands for itself in a set.
fn push(made: &mut String, letter: char) {
    if r"\[]^-&~".contains(letter) {
        made.push('\\');
    }
    made.push(letter);
}
