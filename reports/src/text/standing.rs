//! Who stands first, highest and lowest among the groups of a breakdown: figures that are shown alike are alike, who has
//! nothing is not among the first, and where all are alike nobody is the highest.

use rust_decimal::Decimal;

use crate::data::Cell;
use crate::text::number;

/// So many that stand alike are named; of more only the number is told.
pub const NAMED: usize = 4;

/// The first of a ranking.
pub struct First<'a> {
    /// Those with a place of their own, and ties that end inside the places asked for.
    pub clear: Vec<&'a Cell>,
    /// Those that share the last place asked for with more than it has room for.
    pub tied: Vec<&'a Cell>,
    /// The place they share.
    pub place: usize,
}

/// The first `count` of cells that stand largest first; none if nobody has anything.
#[must_use]
pub fn first<'a>(ranked: &[&'a Cell], count: usize) -> Option<First<'a>> {
    let some: Vec<&Cell> =
        ranked.iter().copied().filter(|cell| cell.value.is_some_and(|value| value > Decimal::ZERO)).collect();
    let last = some.get(count.checked_sub(1)?).or(some.last())?.value;
    let reached: Vec<&Cell> = some.iter().copied().filter(|cell| cell.value >= last).collect();
    let (clear, tied): (Vec<&Cell>, Vec<&Cell>) = match reached.len() <= count {
        true => (reached, Vec::new()),
        false => reached.into_iter().partition(|cell| cell.value > last),
    };
    let place = clear.len() + 1;
    Some(First { clear, tied, place })
}

/// Those whose figure has risen most and least.
pub struct Extremes<'a> {
    /// All with the highest change.
    pub highest: Vec<&'a Cell>,
    /// All with the lowest.
    pub lowest: Vec<&'a Cell>,
}

/// Highest and lowest change as they are shown; none where there are no two different ones.
#[must_use]
pub fn extremes<'a>(cells: &[&'a Cell]) -> Option<Extremes<'a>> {
    let changes: Vec<(Decimal, &Cell)> =
        cells.iter().filter_map(|cell| Some((number::shown(cell.yoy?), *cell))).collect();
    let high = changes.iter().map(|(change, _)| *change).max()?;
    let low = changes.iter().map(|(change, _)| *change).min()?;
    let with = |wanted: Decimal| {
        changes.iter().filter(|(change, _)| *change == wanted).map(|(_, cell)| *cell).collect::<Vec<_>>()
    };
    (high != low).then(|| Extremes { highest: with(high), lowest: with(low) })
}
