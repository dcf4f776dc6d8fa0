//! PostgreSQL's templates of numbers (`FM999,990.00`), cut into their nodes and summed up: how many digits stand before
//! and behind the point, where the sign goes. Combinations PostgreSQL refuses are refused here.

use super::template::LONGEST;

/// A part of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Nine,
    Zero,
    Point,
    Comma,
    Minus,
    Plus,
    Sign,
    Roman(Small),
    Ordinal(Small),
    Currency,
    /// Stands for itself.
    Letter(char),
    /// Says something about the whole, writes nothing.
    Silent,
}

/// Whether letters are written small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Small {
    Yes,
    No,
}

/// Where the sign of `S` goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Anchor {
    #[default]
    Nowhere,
    Before,
    Behind,
}

/// What a template says as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shape {
    pub pre: usize,
    pub post: usize,
    /// Digits the value is moved by before it is written, by `V`.
    pub moved: usize,
    pub zero_start: usize,
    pub zero_end: usize,
    pub anchor: Anchor,
    pub before_anchor: usize,
    flags: u16,
}

/// Switches of a shape.
#[derive(Debug, Clone, Copy)]
#[repr(u16)]
pub(super) enum Flag {
    Decimal = 1,
    LocalSign = 2,
    Zero = 4,
    Fill = 8,
    Bracket = 16,
    Minus = 32,
    Plus = 64,
    Roman = 128,
    Multi = 256,
    Science = 512,
    Blank = 1024,
}

impl Shape {
    pub fn has(&self, flag: Flag) -> bool {
        self.flags & flag as u16 != 0
    }

    fn any(&self, flags: &[Flag]) -> bool {
        flags.iter().any(|flag| self.has(*flag))
    }

    fn put(&mut self, flag: Flag) {
        self.flags |= flag as u16;
    }

    pub fn remove(&mut self, flag: Flag) {
        self.flags &= !(flag as u16);
    }

    /// What is left of it for letters.
    pub fn without_digits(&self) -> Self {
        Self { flags: self.flags & (Flag::Fill as u16 | Flag::Roman as u16), ..Self::default() }
    }
}

const PATTERNS: [&str; 19] = [
    "EEEE", "FM", "MI", "PL", "PR", "RN", "SG", "SP", "TH", ",", ".", "0", "9", "B", "C", "D", "G", "L", "S",
];

/// The parts of a template and what they say together.
///
/// # Errors
/// A sentence about parts that do not go together.
pub(super) fn parts(template: &str) -> Result<(Vec<Part>, Shape), String> {
    if template.len() > LONGEST {
        return Err(format!("数字格式太长（{} 字节，上限 {LONGEST} 字节）", template.len()));
    }
    let (mut parts, mut shape, mut rest) = (Vec::new(), Shape::default(), template);
    while let Some(first) = rest.chars().next() {
        let known = PATTERNS.iter().chain(&["V"]).find(|name| {
            rest.get(..name.len()).is_some_and(|head| head == **name || head == name.to_ascii_lowercase())
        });
        if let Some(name) = known {
            let small = if rest.starts_with(name) { Small::No } else { Small::Yes };
            rest = &rest[name.len()..];
            parts.push(shape.take(name, small)?);
        } else if first == '"' {
            rest = quoted(&rest[1..], &mut parts);
        } else {
            let (letter, length) = match rest.strip_prefix("\\\"") {
                Some(_) => ('"', 2),
                None => (first, first.len_utf8()),
            };
            parts.push(Part::Letter(letter));
            rest = &rest[length..];
        }
    }
    Ok((parts, shape))
}

fn quoted<'a>(text: &'a str, parts: &mut Vec<Part>) -> &'a str {
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return &text[at + 1..],
            '\\' => parts.extend(letters.next().map(|(_, next)| Part::Letter(next))),
            _ => parts.push(Part::Letter(letter)),
        }
    }
    ""
}

fn refuse<T>(what: &str) -> Result<T, String> {
    Err(format!("数字格式不成立：{what}"))
}

impl Shape {
    fn take(&mut self, name: &str, small: Small) -> Result<Part, String> {
        use Flag::{Blank, Bracket, Decimal, Fill, LocalSign, Minus, Multi, Plus, Roman, Science, Zero};
        if self.has(Science) && name != "EEEE" {
            return refuse("EEEE 必须放在最后");
        }
        match name {
            "9" | "0" if self.has(Bracket) => return refuse("数位必须写在 PR 之前"),
            "9" if self.has(Multi) => self.moved += 1,
            "9" if self.has(Decimal) => self.post += 1,
            "9" => self.pre += 1,
            "0" => {
                if !self.has(Zero) && !self.has(Decimal) {
                    self.put(Zero);
                    self.zero_start = self.pre + 1;
                }
                if self.has(Decimal) {
                    self.post += 1;
                } else {
                    self.pre += 1;
                }
                self.zero_end = self.pre + self.post;
            }
            "B" if self.pre == 0 && self.post == 0 && !self.has(Zero) => self.put(Blank),
            "." | "D" if self.has(Decimal) => return refuse("只能有一个小数点"),
            "." | "D" if self.has(Multi) => return refuse("V 与小数点不能同用"),
            "." | "D" => self.put(Decimal),
            "FM" => self.put(Fill),
            "S" if self.has(LocalSign) => return refuse("S 只能写一次"),
            "S" if self.any(&[Plus, Minus, Bracket]) => return refuse("S 不能与 PL、MI、SG、PR 同用"),
            "S" => {
                self.anchor = if self.has(Decimal) { Anchor::Behind } else { Anchor::Before };
                if !self.has(Decimal) {
                    self.before_anchor = self.pre;
                }
                self.put(LocalSign);
            }
            "MI" | "PL" | "SG" if self.has(LocalSign) => return refuse("S 不能与 PL、MI、SG、PR 同用"),
            "MI" => self.put(Minus),
            "PL" => self.put(Plus),
            "SG" => {
                self.put(Minus);
                self.put(Plus);
            }
            "PR" if self.any(&[LocalSign, Plus, Minus]) => return refuse("PR 不能与 S、PL、MI、SG 同用"),
            "PR" => self.put(Bracket),
            "RN" => self.put(Roman),
            "V" if self.has(Decimal) => return refuse("V 与小数点不能同用"),
            "V" => self.put(Multi),
            "EEEE" if self.has(Science) => return refuse("EEEE 只能写一次"),
            "EEEE" if self.any(&[Blank, Fill, LocalSign, Bracket, Minus, Plus, Roman, Multi]) => {
                return refuse("EEEE 只能与数位和小数点同用");
            }
            "EEEE" => self.put(Science),
            _ => {}
        }
        Ok(match name {
            "9" => Part::Nine,
            "0" => Part::Zero,
            "." | "D" => Part::Point,
            "," | "G" => Part::Comma,
            "MI" => Part::Minus,
            "PL" => Part::Plus,
            "SG" => Part::Sign,
            "RN" => Part::Roman(small),
            "TH" => Part::Ordinal(small),
            "L" => Part::Currency,
            _ => Part::Silent,
        })
    }
}
