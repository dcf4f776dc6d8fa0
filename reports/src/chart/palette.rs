//! Colours of charts and tables, told apart by colour-blind eyes too; never the only carrier of a meaning.

use plotters::style::RGBColor;

use crate::data::{Change, Direction};
use crate::text::number;

/// The one accent: this period, the own district.
pub const ACCENT: RGBColor = RGBColor(0x1F, 0x6F, 0xB2);
/// What the accent is compared with.
pub const REFERENCE: RGBColor = RGBColor(0x9A, 0xA5, 0xB1);
/// Titles and labels.
pub const INK: RGBColor = RGBColor(0x1F, 0x29, 0x33);
/// Axis labels and notes.
pub const MUTED: RGBColor = RGBColor(0x61, 0x6E, 0x7C);
/// Grid lines.
pub const GRID: RGBColor = RGBColor(0xE1, 0xE5, 0xEA);
/// Good, bluish green.
pub const GOOD: RGBColor = RGBColor(0x00, 0x73, 0x5C);
/// Bad, vermilion.
pub const BAD: RGBColor = RGBColor(0xB5, 0x46, 0x0F);
/// Land without a value.
pub const LAND: RGBColor = RGBColor(0xE9, 0xEC, 0xF0);
/// Borders on coloured land.
pub const BORDER: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);

/// Light to dark, for classes of a map.
pub const SEQUENCE: [RGBColor; 5] = [
    RGBColor(0xDC, 0xEA, 0xF6),
    RGBColor(0xAE, 0xCF, 0xEA),
    RGBColor(0x74, 0xAC, 0xD8),
    RGBColor(0x36, 0x82, 0xBE),
    RGBColor(0x14, 0x53, 0x8C),
];

/// How a change is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Moves the good way.
    Good,
    /// Moves the bad way.
    Bad,
    /// Does not move, or neither way is good.
    Flat,
    /// Nothing to compare with.
    Missing,
}

impl Tone {
    /// Colour of the tone.
    #[must_use]
    pub fn color(self) -> RGBColor {
        match self {
            Self::Good => GOOD,
            Self::Bad => BAD,
            Self::Flat | Self::Missing => MUTED,
        }
    }
}

/// Reads a change with the indicator's direction; what is shown as nought does not move.
#[must_use]
pub fn tone(change: Option<Change>, direction: Direction) -> Tone {
    match change.map(number::shown) {
        None => Tone::Missing,
        Some(amount) if amount.is_zero() => Tone::Flat,
        Some(amount) => match (direction, amount.is_sign_positive()) {
            (Direction::Neutral, _) => Tone::Flat,
            (Direction::UpGood, true) | (Direction::DownGood, false) => Tone::Good,
            (Direction::UpGood, false) | (Direction::DownGood, true) => Tone::Bad,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_follows_direction_not_sign() {
        use Direction::{DownGood, Neutral, UpGood};
        let part = |text: &str| Some(Change::Part(text.parse().expect("a number")));
        for (change, direction, expected) in [
            (part("0.1"), UpGood, Tone::Good),
            (part("-0.1"), UpGood, Tone::Bad),
            (part("0.1"), DownGood, Tone::Bad),
            (part("-0.1"), DownGood, Tone::Good),
            (part("0.1"), Neutral, Tone::Flat),
            (part("0.0001"), UpGood, Tone::Flat),
            (None, UpGood, Tone::Missing),
        ] {
            assert_eq!(tone(change, direction), expected, "{change:?} {direction:?}");
        }
    }
}
