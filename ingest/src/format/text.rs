//! Encodings of text files: found out from the bytes, decoded row by row so that one bad row does not
//! spoil the others.

use encoding_rs::{GB18030, UTF_16BE, UTF_16LE};
use serde::{Deserialize, Serialize};

/// Encodings partners use. GB18030 includes GBK and GB2312.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// The Chinese standard encoding.
    Gb18030,
}

impl Encoding {
    /// Decodes; what means nothing becomes U+FFFD.
    pub fn decode(self, bytes: &[u8]) -> String {
        match self {
            Self::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Self::Gb18030 => {
                let text = GB18030.decode_without_bom_handling(bytes).0.into_owned();
                // Browsers read a stray 0x80 as a euro sign; here it is a broken byte. The real one is A2 E3.
                let stray = text.contains('€') && !bytes.windows(2).any(|w| w == b"\xa2\xe3");
                if stray { text.replace('€', "\u{fffd}") } else { text }
            }
        }
    }

    /// Length of the character at the start; bytes of a multi-byte character may look like delimiters.
    pub fn step(self, bytes: &[u8]) -> usize {
        if self == Self::Utf8 {
            return 1;
        }
        match bytes {
            [0x81..=0xfe, 0x30..=0x39, 0x81..=0xfe, 0x30..=0x39, ..] => 4,
            [0x81..=0xfe, 0x40..=0x7e | 0x80..=0xfe, ..] => 2,
            _ => 1,
        }
    }
}

/// Bytes in an encoding this room reads, without byte order mark. UTF-16 is turned into UTF-8.
pub(super) fn normalise(bytes: &[u8], wanted: Option<Encoding>) -> (std::borrow::Cow<'_, [u8]>, Encoding) {
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return (rest.into(), Encoding::Utf8);
    }
    if let Some(rest) = bytes.strip_prefix(b"\x84\x31\x95\x33") {
        return (rest.into(), Encoding::Gb18030);
    }
    let utf16 = match bytes {
        [0xff, 0xfe, rest @ ..] => Some((UTF_16LE, rest)),
        [0xfe, 0xff, rest @ ..] => Some((UTF_16BE, rest)),
        _ => without_mark(bytes).map(|e| (e, bytes)),
    };
    if let Some((encoding, rest)) = utf16 {
        let text = encoding.decode_without_bom_handling(rest).0.into_owned();
        return (text.into_bytes().into(), Encoding::Utf8);
    }
    (bytes.into(), found_out(bytes, wanted))
}

/// UTF-16 without a mark shows as a NUL beside every ASCII character.
fn without_mark(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let head = &bytes[..bytes.len().min(4096) & !1];
    if head.len() < 8 {
        return None;
    }
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let enough = head.len() / 2 / 3;
    match (zeros(0), zeros(1)) {
        (even, odd) if odd > enough && even * 10 < odd => Some(UTF_16LE),
        (even, odd) if even > enough && odd * 10 < even => Some(UTF_16BE),
        _ => None,
    }
}

/// The feed's encoding is a hint: valid UTF-8 is hardly ever anything else, and a partner who changes the
/// encoding tells nobody. Lines vote, so that some broken bytes do not turn the file.
fn found_out(bytes: &[u8], wanted: Option<Encoding>) -> Encoding {
    let mut votes = [0usize; 2];
    for line in bytes.split(|b| matches!(b, b'\n' | b'\r')).filter(|l| !l.is_ascii()) {
        if std::str::from_utf8(line).is_ok() {
            votes[0] += 1;
        } else if !GB18030.decode_without_bom_handling(line).1 {
            votes[1] += 1;
        }
    }
    match votes {
        [0, 0] => wanted.unwrap_or(Encoding::Utf8),
        [utf8, gb] if utf8 == gb => wanted.unwrap_or(Encoding::Utf8),
        [utf8, gb] if utf8 > gb => Encoding::Utf8,
        _ => Encoding::Gb18030,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], encoding: Encoding, text: &str) {
        let (normal, found) = normalise(bytes, None);
        assert_eq!((found, found.decode(&normal).as_str()), (encoding, text));
    }

    #[test]
    fn encodings_are_found_out() {
        let gb = |t: &str| GB18030.encode(t).0.into_owned();
        let utf16 = |t: &str, big: bool| -> Vec<u8> {
            t.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
        };
        let text = "编号,区\n1,徐汇区\n2,浦东新区\n";
        check(text.as_bytes(), Encoding::Utf8, text);
        check(&[b"\xef\xbb\xbf", text.as_bytes()].concat(), Encoding::Utf8, text);
        check(&gb(text), Encoding::Gb18030, text);
        check(&[b"\xff\xfe".to_vec(), utf16(text, false)].concat(), Encoding::Utf8, text);
        check(&[b"\xfe\xff".to_vec(), utf16(text, true)].concat(), Encoding::Utf8, text);
        check(&utf16("id,time,district\n1,2,3\n", false), Encoding::Utf8, "id,time,district\n1,2,3\n");
        check(b"a,b\n1,2\n", Encoding::Utf8, "a,b\n1,2\n");
    }

    #[test]
    fn some_broken_bytes_do_not_turn_the_file() {
        let mut utf8 = "编号,区\n1,徐汇区\n2,浦东新区\n".as_bytes().to_vec();
        utf8.extend_from_slice(b"3,\xd0\xec\xbb\xe3\n");
        assert_eq!(normalise(&utf8, Some(Encoding::Gb18030)).1, Encoding::Utf8);
        let mut gb = GB18030.encode("编号,区\n1,徐汇区\n2,浦东新区\n").0.into_owned();
        gb.extend_from_slice(b"3,\xd0\xff\n");
        assert_eq!(normalise(&gb, None).1, Encoding::Gb18030);
    }
}
