//! PostgreSQL's templates of times (`YYYY-MM-DD HH24:MI`), cut into their nodes. What is no pattern stands for itself, as
//! there: an unknown letter is a letter. Only cutting; writing is `time_text`, reading `time_read`.

/// Longest template. What it makes of one row is bounded by it.
pub(super) const LONGEST: usize = 512;

/// A pattern, as it is written in the template; names keep their case, numbers are in capitals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// A pattern and what stands around it.
    Pattern { name: &'static str, affix: Affix },
    /// One letter that is no pattern.
    Letter(char),
    /// One letter that parts fields: neither letter nor digit.
    Separator(char),
    /// One blank.
    Blank(char),
}

/// What may stand before and behind a pattern.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Affix {
    /// `FM`: no padding.
    pub fill: Fill,
    /// `TH` or `th` behind a number.
    pub ordinal: Option<Ordinal>,
}

/// Whether a field is filled up to its width.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Fill {
    #[default]
    Padded,
    Bare,
}

/// The ending of an English ordinal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ordinal {
    Upper,
    Lower,
}

/// Patterns whose case matters: they write names.
const NAMED: [&str; 32] = [
    "A.D.", "A.M.", "AD", "AM", "B.C.", "BC", "DAY", "DY", "Day", "Dy", "MONTH", "MON", "Month", "Mon",
    "P.M.", "PM", "RM", "TZ", "a.d.", "a.m.", "ad", "am", "b.c.", "bc", "day", "dy", "month", "mon", "p.m.",
    "pm", "rm", "tz",
];

/// Patterns that may be written in capitals or in small letters throughout.
const NUMBERED: [&str; 41] = [
    "CC", "DDD", "DD", "D", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6", "HH24", "HH12", "HH", "IDDD", "ID",
    "IW", "IYYY", "IYY", "IY", "I", "J", "MI", "MM", "MS", "OF", "Q", "SSSSS", "SSSS", "SS", "TZH", "TZM",
    "US", "WW", "W", "Y,YYY", "YYYY", "YYY", "YY", "Y", "FX", "",
];

/// The nodes of a template.
///
/// # Errors
/// A sentence about a template that is too long, or asks for names in the words of another country.
pub(super) fn nodes(template: &str) -> Result<Vec<Node>, String> {
    if template.len() > LONGEST {
        return Err(format!("时间格式太长（{} 字节，上限 {LONGEST} 字节）", template.len()));
    }
    let (mut nodes, mut rest) = (Vec::new(), template);
    while let Some(letter) = rest.chars().next() {
        let mut affix = Affix::default();
        if let Some(behind) = without_prefix(rest, &mut affix) {
            rest = behind;
        }
        if let Some((name, length)) = pattern(rest) {
            rest = &rest[length..];
            rest = without_ordinal(rest, &mut affix);
            nodes.push(Node::Pattern { name, affix });
            continue;
        }
        // A prefix alone stands for nothing.
        let Some(first) = rest.chars().next() else { break };
        if first == '"' {
            rest = quoted(&rest[1..], &mut nodes);
            continue;
        }
        let (taken, length) = match rest.strip_prefix("\\\"") {
            Some(_) => ('"', 2),
            None => (first, first.len_utf8()),
        };
        debug_assert!(!letter.is_ascii_control() || length > 0);
        nodes.push(other(taken));
        rest = &rest[length..];
    }
    Ok(nodes)
}

/// `FM` and `FX` before a pattern; `TM` asks for names in the server's language, which are English here.
fn without_prefix<'a>(text: &'a str, affix: &mut Affix) -> Option<&'a str> {
    let prefix = text.get(..2)?;
    let bare = prefix == "FM" || prefix == "fm" || prefix == "TM" || prefix == "tm";
    if !bare {
        return None;
    }
    affix.fill = Fill::Bare;
    text.get(2..)
}

fn without_ordinal<'a>(text: &'a str, affix: &mut Affix) -> &'a str {
    affix.ordinal = match text.get(..2) {
        Some("TH") => Some(Ordinal::Upper),
        Some("th") => Some(Ordinal::Lower),
        _ => None,
    };
    if affix.ordinal.is_some() { &text[2..] } else { text }
}

/// The longest pattern a text begins with, and its length.
fn pattern(text: &str) -> Option<(&'static str, usize)> {
    let named = NAMED.iter().filter(|name| text.starts_with(**name));
    let numbered = NUMBERED.iter().filter(|name| !name.is_empty()).filter(|name| {
        text.get(..name.len()).is_some_and(|head| head == **name || head == name.to_ascii_lowercase())
    });
    let longest = named.chain(numbered).max_by_key(|name| name.len())?;
    Some((*longest, longest.len()))
}

/// Letters in double quotes stand for themselves; a backslash takes the next one whatever it is.
fn quoted<'a>(text: &'a str, nodes: &mut Vec<Node>) -> &'a str {
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return &text[at + 1..],
            '\\' => nodes.extend(letters.next().map(|(_, next)| Node::Letter(next))),
            _ => nodes.push(Node::Letter(letter)),
        }
    }
    ""
}

fn other(letter: char) -> Node {
    if letter.is_ascii_whitespace() {
        Node::Blank(letter)
    } else if letter.is_ascii_graphic() && !letter.is_ascii_alphanumeric() {
        Node::Separator(letter)
    } else {
        Node::Letter(letter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(template: &str) -> String {
        let show = |node: &Node| match node {
            Node::Pattern { name, affix } => {
                let fill = if affix.fill == Fill::Bare { "-" } else { "" };
                format!("<{fill}{name}{}>", if affix.ordinal.is_some() { "." } else { "" })
            }
            Node::Letter(letter) | Node::Separator(letter) | Node::Blank(letter) => letter.to_string(),
        };
        nodes(template).expect("short").iter().map(show).collect()
    }

    #[test]
    fn templates_are_cut_as_postgres_cuts_them() {
        for (template, want) in [
            ("YYYY-MM-DD HH24:MI:SS", "<YYYY>-<MM>-<DD> <HH24>:<MI>:<SS>"),
            ("yyyymmdd", "<YYYY><MM><DD>"),
            ("FMMonth DDth, YYYY", "<-Month> <DD.>, <YYYY>"),
            ("YYYY年MM月", "<YYYY>年<MM>月"),
            (r#"YYYY"年"Q"#, "<YYYY>年<Q>"),
            (r#"\"YYYY\""#, "\"<YYYY>\""),
            ("IYYY-IW ID IDDD", "<IYYY>-<IW> <ID> <IDDD>"),
            ("Y,YYY A.M. FM", "<Y,YYY> <A.M.> "),
            ("Yyyy", "<Y><YYY>"),
            ("xyz", "x<Y>z"),
        ] {
            assert_eq!(shown(template), want, "{template}");
        }
        assert!(nodes(&"Y".repeat(1_000)).is_err());
    }
}
