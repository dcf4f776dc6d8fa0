//! Cuts a JSON array into its elements without reading them: each is read on its own, so that a broken one costs one
//! row and a large array no more memory than its rows.

use std::ops::Range;

use super::Encoding;

/// Where the elements of a file that is one array are; `None` when it is none.
pub(super) fn elements(bytes: &[u8], encoding: Encoding) -> Option<Vec<Range<usize>>> {
    let mut at = bytes.iter().position(|b| !b.is_ascii_whitespace())?;
    if bytes.get(at) != Some(&b'[') {
        return None;
    }
    at += 1;
    let mut elements = Vec::new();
    loop {
        let (end, closed) = element(bytes, at, encoding)?;
        let blank = bytes[at..end].trim_ascii().is_empty();
        if !blank {
            elements.push(at..end);
        }
        at = end + 1;
        if closed {
            // A comma before the end, or an empty array.
            return bytes[at..].trim_ascii().is_empty().then_some(elements);
        }
        if blank {
            return None;
        }
    }
}

/// End of the element that starts here, and whether it was the last one.
fn element(bytes: &[u8], start: usize, encoding: Encoding) -> Option<(usize, bool)> {
    let mut at = start;
    let mut depth = 0_usize;
    // Behind the last bracket of the element only a comma or the end of the array may come.
    let mut complete = false;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b',' if depth == 0 => return Some((at, false)),
            b']' if depth == 0 => return Some((at, true)),
            _ if complete && !byte.is_ascii_whitespace() => return None,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                complete = depth == 0;
            }
            b'"' => {
                at = text_end(bytes, at + 1, encoding)?;
                continue;
            }
            _ => {}
        }
        at += encoding.step(&bytes[at..]);
    }
    None
}

/// Position behind the quotation mark that closes a text.
fn text_end(bytes: &[u8], start: usize, encoding: Encoding) -> Option<usize> {
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += encoding.step(&bytes[at..]),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_and_what_is_none() {
        let check = |text: &str, expected: Option<&[&str]>| {
            let found = elements(text.as_bytes(), Encoding::Utf8);
            let found: Option<Vec<&str>> = found.map(|s| s.into_iter().map(|r| text[r].trim()).collect());
            assert_eq!(found.as_deref(), expected, "{text}");
        };
        check("[{\"a\":1}, {\"a\":[2,3]} ]\n", Some(&["{\"a\":1}", "{\"a\":[2,3]}"]));
        check(" [\"],\\\"\", 1]", Some(&["\"],\\\"\"", "1"]));
        check("[]", Some(&[]));
        check("[{\"a\":1},]", Some(&["{\"a\":1}"]));
        for none in ["{\"a\":1}", "[{\"a\":1} {\"a\":2}]", "[{\"a\":1},", "[1]x", "[,1]", "[}]", ""] {
            check(none, None);
        }
        // Second bytes of GB18030 look like brackets.
        let gb = encoding_rs::GB18030.encode("[{\"区\":\"乗\\\"峕俓\"}]").0.into_owned();
        assert_eq!(elements(&gb, Encoding::Gb18030).map(|e| e.len()), Some(1));
    }
}
