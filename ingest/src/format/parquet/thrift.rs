//! Walks Thrift's compact encoding, in which Parquet writes its headers, without building anything: what a header claims
//! is looked at before a reader makes room for it.

/// Structures inside each other.
const DEEPEST: usize = 24;

/// What is met on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    /// A whole number.
    Number(i64),
    /// A list, set or map of so many elements.
    Elements(usize),
}

/// Walks the structure at the start and tells of each number and list with the ids of the fields it lies in.
/// Returns how many bytes the structure takes; `None` when it is damaged or claims more than there is.
pub(super) fn walk(bytes: &[u8], each: &mut dyn FnMut(&[i16], Met)) -> Option<usize> {
    let mut walker = Walker { bytes, at: 0, path: Vec::new(), each };
    walker.structure()?;
    Some(walker.at)
}

struct Walker<'a> {
    bytes: &'a [u8],
    at: usize,
    path: Vec<i16>,
    each: &'a mut dyn FnMut(&[i16], Met),
}

impl Walker<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn take(&mut self, count: usize) -> Option<()> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.bytes.len())?;
        self.at = end;
        Some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn zigzag(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn structure(&mut self) -> Option<()> {
        if self.path.len() >= DEEPEST {
            return None;
        }
        let mut id = 0_i16;
        loop {
            let head = self.byte()?;
            if head & 0x0f == 0 {
                return Some(());
            }
            id = match head >> 4 {
                0 => i16::try_from(self.zigzag()?).ok()?,
                delta => id.checked_add(i16::from(delta))?,
            };
            self.path.push(id);
            // In a structure the type of a truth is its value.
            if !matches!(head & 0x0f, 1 | 2) {
                self.value(head & 0x0f)?;
            }
            self.path.pop();
        }
    }

    fn value(&mut self, kind: u8) -> Option<()> {
        match kind {
            1..=3 => self.take(1),
            4..=6 => {
                let number = self.zigzag()?;
                (self.each)(&self.path, Met::Number(number));
                Some(())
            }
            7 => self.take(8),
            8 => {
                let length = usize::try_from(self.varint()?).ok()?;
                self.take(length)
            }
            9 | 10 => {
                let head = self.byte()?;
                let count = match head >> 4 {
                    15 => usize::try_from(self.varint()?).ok()?,
                    short => usize::from(short),
                };
                self.elements(count, &[head & 0x0f])
            }
            11 => match usize::try_from(self.varint()?).ok()? {
                0 => Some(()),
                count => {
                    let kinds = self.byte()?;
                    self.elements(count, &[kinds >> 4, kinds & 0x0f])
                }
            },
            12 => self.structure(),
            13 => self.take(16),
            _ => None,
        }
    }

    fn elements(&mut self, count: usize, kinds: &[u8]) -> Option<()> {
        // Every element takes a byte at least.
        if count > self.bytes.len() - self.at {
            return None;
        }
        (self.each)(&self.path, Met::Elements(count));
        for _ in 0..count {
            for kind in kinds {
                self.value(*kind)?;
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lists_and_claims() {
        let met = |bytes: &[u8]| {
            let mut met = Vec::new();
            walk(bytes, &mut |path, what| met.push((path.to_vec(), what))).map(|size| (size, met))
        };
        // 1: i32 3, 2: list of two structures {5: i32 -1}, end.
        let bytes = [0x15, 6, 0x19, 0x2c, 0x55, 1, 0, 0x55, 1, 0, 0, 99];
        let expected = vec![
            (vec![1], Met::Number(3)),
            (vec![2], Met::Elements(2)),
            (vec![2, 5], Met::Number(-1)),
            (vec![2, 5], Met::Number(-1)),
        ];
        assert_eq!(met(&bytes), Some((11, expected)));
        assert_eq!(
            met(&[0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07, 0]),
            None,
            "two thousand million elements"
        );
        assert_eq!(met(&[0x18, 0xff, 0xff, 0xff, 0x7f, 0]), None, "a text longer than the file");
        assert_eq!(met(&[0x1c; 64]), None, "structures without end");
        assert_eq!(met(&[]), None);
    }
}
