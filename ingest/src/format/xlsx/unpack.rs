//! What a workbook unpacks to, before the reader is given it: every part is unpacked once into a small buffer and
//! counted, whatever its header claims. The reader holds shared texts and one cell at a time in memory, so the length of
//! a cell and the number of texts a part promises are looked at too.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::super::bounds::{LONGEST, MOST_UNPACKED, too_large, too_long};
use super::damaged;
use crate::reason::Refusal;

/// Parts of a workbook; real ones have some dozens.
const MOST_PARTS: usize = 10_000;
/// A part above this size may not be packed tighter than this: sheets of real rows reach a tenth of it.
const WATCHED: u64 = 32 << 20;
const TIGHTEST: u64 = 200;
/// Shared texts of a workbook, promised or there: the reader makes room for all of them before the first cell.
const MOST_TEXTS: u64 = 4_000_000;
const PROMISE: &[u8] = b"uniqueCount";
/// Bytes of a tag that are looked at; the one with the promise is shorter.
const TAG: usize = 1_024;

/// Unpacks every part and counts.
pub(super) fn check(bytes: &[u8]) -> Result<(), Refusal> {
    let parts = bytes.windows(4).filter(|w| w == b"PK\x01\x02").take(MOST_PARTS + 1).count();
    if parts > MOST_PARTS {
        return Err(too_large(format!("工作簿里的部件多于 {MOST_PARTS} 个")));
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let mut total = 0;
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).map_err(damaged)?;
        let packed = part.compressed_size().min(bytes.len() as u64).max(1);
        let mut seen = Part::default();
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = part.read(&mut buffer).map_err(damaged)?;
            if read == 0 {
                break;
            }
            total += read as u64;
            seen.take(&buffer[..read])?;
            let tight = seen.size > WATCHED && seen.size / packed > TIGHTEST;
            if total > MOST_UNPACKED || tight {
                let (file, unpacked) = (bytes.len() >> 10, total >> 20);
                return Err(too_large(format!(
                    "工作簿展开后过大（{file} KB 的文件展开后多于 {unpacked} MB）"
                )));
            }
        }
        seen.tag_ended()?;
    }
    Ok(())
}

/// What was seen of a part so far.
#[derive(Default)]
struct Part {
    size: u64,
    /// Bytes since the last start of a tag: a cell's text.
    text: usize,
    /// The start of the last tag.
    tag: Vec<u8>,
    /// Shared texts.
    texts: u64,
}

impl Part {
    fn take(&mut self, chunk: &[u8]) -> Result<(), Refusal> {
        self.size += chunk.len() as u64;
        for piece in chunk.split_inclusive(|b| *b == b'<') {
            self.text += piece.len();
            if self.text > LONGEST {
                return Err(too_long("工作簿里一个单元格"));
            }
            let room = TAG - self.tag.len();
            self.tag.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.ends_with(b"<") {
                self.tag_ended()?;
                self.tag.clear();
                self.text = 0;
            }
        }
        Ok(())
    }

    /// Refuses more shared texts than the reader may make room for, promised or there.
    fn tag_ended(&mut self) -> Result<(), Refusal> {
        let end = self.tag.iter().position(|b| b.is_ascii_whitespace() || b"/>".contains(b));
        let name = &self.tag[..end.unwrap_or(self.tag.len())];
        let mut count = match name.rsplit(|b| *b == b':').next() {
            Some(b"si") => {
                self.texts += 1;
                self.texts
            }
            Some(b"sst") => promised(&self.tag),
            _ => return Ok(()),
        };
        if self.tag.len() == TAG && !self.tag.contains(&b'>') {
            count = u64::MAX;
        }
        if count > MOST_TEXTS {
            return Err(too_large(format!("工作簿里的文字多于 {MOST_TEXTS} 段")));
        }
        Ok(())
    }
}

/// The number of texts a tag promises.
fn promised(tag: &[u8]) -> u64 {
    let places = tag.windows(PROMISE.len()).enumerate().filter(|(_, w)| *w == PROMISE);
    let counts = places.map(|(at, _)| {
        let value =
            tag[at + PROMISE.len()..].iter().skip_while(|b| b.is_ascii_whitespace() || b"='\"".contains(b));
        let digits = value.take_while(|b| b.is_ascii_digit()).take(20);
        digits.fold(0_u64, |n, digit| n.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
    });
    counts.max().unwrap_or_default()
}
