//! Which unit a transaction goes to: per district and category by Zipf's law among those active at that moment.

use chrono::NaiveDateTime;
use rand::distr::Distribution;
use rand::distr::weighted::WeightedIndex;
use rand_chacha::ChaCha8Rng;

use super::places::DISTRICTS;
use super::sampling::zipf;
use super::season::CATEGORIES;
use super::units::Unit;

/// Units as the transaction stream needs them.
pub struct Suppliers {
    cells: Vec<Cell>,
    terms: Vec<(f64, f64)>,
    times: Vec<(NaiveDateTime, NaiveDateTime)>,
}

struct Cell {
    units: Vec<usize>,
    popularity: WeightedIndex<f64>,
}

impl Suppliers {
    /// Sorts the units into their cells.
    pub fn of(units: &[Unit]) -> anyhow::Result<Self> {
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); DISTRICTS.len() * CATEGORIES.len()];
        for unit in units {
            members[cell(unit.district, unit.category)].push(unit.index);
        }
        let cells = members
            .into_iter()
            .map(|units| Ok(Cell { popularity: zipf(units.len(), 0.9)?, units }))
            .collect::<anyhow::Result<_>>()?;
        let gone = |unit: &Unit| unit.life.first("closed").or(unit.life.first("frozen"));
        Ok(Self {
            cells,
            terms: units.iter().map(|unit| (unit.price_level, unit.discount)).collect(),
            times: units
                .iter()
                .map(|unit| {
                    let since = unit.life.first("active").unwrap_or(NaiveDateTime::MAX);
                    (since, gone(unit).unwrap_or(NaiveDateTime::MAX))
                })
                .collect(),
        })
    }

    /// An active unit; the founding unit of the cell stands in when chance keeps choosing units not yet there.
    pub fn choose(&self, rng: &mut ChaCha8Rng, district: usize, category: usize, at: NaiveDateTime) -> usize {
        let cell = &self.cells[cell(district, category)];
        (0..6)
            .map(|_| cell.units[cell.popularity.sample(rng)])
            .find(|unit| self.times[*unit].0 <= at && at < self.times[*unit].1)
            .unwrap_or(cell.units[0])
    }

    /// Price level and discount rate of a unit.
    pub fn terms(&self, unit: usize) -> (f64, f64) {
        self.terms[unit]
    }
}

fn cell(district: usize, category: usize) -> usize {
    district * CATEGORIES.len() + category
}
