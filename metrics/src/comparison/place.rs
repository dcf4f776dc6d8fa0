//! Where a figure stands among those of all districts; pure. Everything here is the same whichever of the others has
//! which figure, so nothing tells whose it is.

use rust_decimal::Decimal;
use serde::Serialize;

use super::hiding::OTHERS;
use crate::rounding::half_away;

/// A rank as it may be told. `Second` would name the first: near an end a band is told in place of the rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// This place, with at least three others on either side.
    Place(usize),
    /// Among the first so many.
    WithinFirst(usize),
    /// Among the last so many.
    WithinLast(usize),
}

impl Rank {
    /// For people.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Place(place) => format!("第{place}名"),
            Self::WithinFirst(count) => format!("前{count}名"),
            Self::WithinLast(count) => format!("后{count}名"),
        }
    }
}

/// The rank of a figure, the largest first; ties share the better place.
pub(super) fn rank(own: Decimal, others: &[Decimal]) -> Rank {
    let above = others.iter().filter(|other| **other > own).count();
    if above < OTHERS {
        Rank::WithinFirst(OTHERS)
    } else if others.len() - above < OTHERS {
        Rank::WithinLast(OTHERS)
    } else {
        Rank::Place(above + 1)
    }
}

/// The exact rank, for whoever sees all figures anyway.
pub(super) fn open_rank(own: Decimal, others: &[Decimal]) -> Rank {
    Rank::Place(others.iter().filter(|other| **other > own).count() + 1)
}

/// Which quarter of the districts a figure is in, 1 the highest; none if a quarter would be fewer than three.
pub(super) fn quartile(own: Decimal, others: &[Decimal]) -> Option<usize> {
    let all = others.len() + 1;
    let above = others.iter().filter(|other| **other > own).count();
    (all >= 4 * OTHERS).then(|| above * 4 / all + 1)
}

/// The mean of all figures, rounded as a figure of this indicator is, and by two digits more.
pub(super) fn average(own: Decimal, others: &[Decimal], digits: u32) -> Option<Decimal> {
    let count = Decimal::from(others.len() + 1);
    let sum = others.iter().try_fold(own, |sum, other| sum.checked_add(*other))?;
    let mean = sum.checked_div(count)?;
    Some(half_away(mean, digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(list: &[i64]) -> Vec<Decimal> {
        list.iter().map(|number| Decimal::from(*number)).collect()
    }

    #[test]
    fn ranks_near_an_end_are_bands() {
        let others = numbers(&[90, 80, 70, 60, 50, 40, 40, 30]);
        let check = |own: i64, expected: &str| {
            assert_eq!(rank(Decimal::from(own), &others).text(), expected, "{own}");
        };
        check(100, "前3名");
        check(85, "前3名");
        check(75, "前3名");
        check(70, "前3名");
        check(65, "第4名");
        check(45, "第6名");
        check(40, "第6名");
        check(35, "后3名");
        check(0, "后3名");
        assert_eq!(open_rank(Decimal::from(85), &others).text(), "第2名");
    }

    #[test]
    fn quarters_need_twelve_districts() {
        let check = |own: i64, others: i64, expected: Option<usize>| {
            let others: Vec<i64> = (1..=others).collect();
            assert_eq!(quartile(Decimal::from(own), &numbers(&others)), expected, "{own}");
        };
        check(16, 15, Some(1));
        check(12, 15, Some(1));
        check(11, 15, Some(2));
        check(0, 15, Some(4));
        check(0, 10, None);
        check(0, 11, Some(4));
    }

    #[test]
    fn averages_count_the_own_figure() {
        assert_eq!(average(Decimal::from(1), &numbers(&[2, 2]), 2), Some("1.67".parse().unwrap()));
        assert_eq!(average(Decimal::from(1), &[], 2), Some(Decimal::from(1)));
    }
}
