//! The stream of benefit transactions: how many in each district on each day, and what each of them is.
//! A district's day is drawn from a stream of its own and comes out in the order of its times.

use chrono::{NaiveDate, NaiveDateTime};
use rand::Rng;
use rand::distr::Distribution;
use rand::distr::weighted::WeightedIndex;
use rand_chacha::ChaCha8Rng;

use super::calendar::WorkCalendar;
use super::city::Span;
use super::members::Members;
use super::places::DISTRICTS;
use super::sampling::{chance, lognormal, stream, weighted};
use super::season::{self, CATEGORIES};
use super::suppliers::Suppliers;

/// One transaction; names of things are indexes, money is in fen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transaction {
    /// Index into [`DISTRICTS`].
    pub district: usize,
    /// Ordinal within the district's day.
    pub ordinal: u32,
    /// Shanghai wall clock.
    pub pay_time: NaiveDateTime,
    /// Index of the unit.
    pub unit: usize,
    /// Index of the person.
    pub person: usize,
    /// Index into [`CATEGORIES`].
    pub category: usize,
    /// Index into [`season::MODES`].
    pub mode: usize,
    /// Price in fen.
    pub original: i64,
    /// Discount in fen, below the price.
    pub discount: i64,
    /// Whether it was reversed later.
    pub reversed: bool,
}

impl Transaction {
    /// What was paid, in fen.
    pub fn amount(&self) -> i64 {
        self.original - self.discount
    }

    /// Its number, unique in the city.
    pub fn number(&self) -> String {
        let day = self.pay_time.date().format("%Y%m%d");
        format!("PJ{day}{}{:06}", &DISTRICTS[self.district].code[4..], self.ordinal)
    }
}

/// Draws transactions.
pub struct Transactions {
    seed: u64,
    span: Span,
    calendar: WorkCalendar,
    members: Members,
    suppliers: Suppliers,
    /// Transactions per day and district, days outermost.
    volumes: Vec<[u32; 16]>,
    homes: WeightedIndex<f64>,
}

/// A district in which something out of the ordinary happened: (days before the end, district, factor).
const OUTLIERS: [(u64, usize, f64); 6] =
    [(12, 6, 2.8), (47, 13, 3.4), (166, 0, 2.5), (301, 15, 4.0), (502, 10, 2.2), (777, 8, 0.15)];
/// One price in so many has a slipped decimal or is a bulk purchase.
const ODD_PRICE: f64 = 1.0 / 20_000.0;
const REVERSED: f64 = 0.005;

impl Transactions {
    /// Spreads exactly `total` transactions over the span's days and districts.
    pub fn new(
        seed: u64,
        span: Span,
        total: u64,
        members: Members,
        suppliers: Suppliers,
    ) -> anyhow::Result<Self> {
        let calendar = WorkCalendar::builtin()?;
        let volumes = volumes(seed, span, total, &calendar);
        let homes = weighted(DISTRICTS.iter().map(|district| district.residents))?;
        Ok(Self { seed, span, calendar, members, suppliers, volumes, homes })
    }

    /// The span they lie in.
    pub fn span(&self) -> Span {
        self.span
    }

    /// How many a district has on a day.
    pub fn volume(&self, date: NaiveDate, district: usize) -> u32 {
        let day = (date - self.span.first).num_days();
        usize::try_from(day).ok().and_then(|day| self.volumes.get(day)).map_or(0, |row| row[district])
    }

    /// All transactions of a district's day in the order of their times.
    pub fn day(&self, date: NaiveDate, district: usize) -> anyhow::Result<Vec<Transaction>> {
        let count = self.volume(date, district);
        let day = (date - self.span.first).num_days().max(0) as u64;
        let rng = &mut stream(self.seed, "transactions", day * 16 + district as u64);
        let years = day as f64 / 365.25;
        let progress = day as f64 / self.span.days() as f64;
        let kind = self.calendar.kind(date);
        let demand = |category| season::demand(&self.calendar, &DISTRICTS[district], category, date, years);
        let categories = weighted(CATEGORIES.iter().map(demand))?;
        let hours: Vec<_> = CATEGORIES
            .iter()
            .map(|category| weighted(season::hours(category, kind)))
            .collect::<anyhow::Result<_>>()?;
        let modes: Vec<_> = CATEGORIES
            .iter()
            .map(|category| weighted(season::modes(category, progress)))
            .collect::<anyhow::Result<_>>()?;
        let known = self.members.known_on(date);
        let mut drawn = Vec::with_capacity(count as usize);
        for _ in 0..count {
            let category = categories.sample(rng);
            let hour = season::FIRST_HOUR + hours[category].sample(rng) as u32;
            let pay_time = self.span.moment(date, hour * 3600 + rng.random_range(0..3600));
            let unit = self.suppliers.choose(rng, district, category, pay_time);
            let home = if chance(rng, stay_home(category)) { district } else { self.homes.sample(rng) };
            let mode = modes[category].sample(rng);
            let (original, discount) = self.price(rng, unit, category, mode);
            drawn.push(Transaction {
                district,
                ordinal: 0,
                pay_time,
                unit,
                person: self.members.choose(rng, &known, home, date),
                category,
                mode,
                original,
                discount,
                reversed: chance(rng, REVERSED),
            });
        }
        drawn.sort_by_key(|transaction| transaction.pay_time);
        for (ordinal, transaction) in drawn.iter_mut().enumerate() {
            transaction.ordinal = ordinal as u32;
        }
        Ok(drawn)
    }

    /// Price and discount in fen; the discount is between 5 and 40 of 100 whatever the way to pay.
    fn price(&self, rng: &mut ChaCha8Rng, unit: usize, category: usize, mode: usize) -> (i64, i64) {
        let (level, rate) = self.suppliers.terms(unit);
        let mut yuan = CATEGORIES[category].price * level * lognormal(rng, 0.55);
        if chance(rng, ODD_PRICE) {
            yuan *= 25.0 + 50.0 * rng.random::<f64>();
        }
        let original = ((yuan * 100.0).round() as i64).clamp(100, 99_999_999);
        // A coupon is worth a varying sum; every other way gives the unit's own discount.
        let coupon = season::MODES[mode] == "券";
        let rate = if coupon { rate * (0.7 + 0.9 * rng.random::<f64>()) } else { rate };
        let discount = (original as f64 * rate.clamp(0.05, 0.40)).floor() as i64;
        (original, discount)
    }
}

/// How many of the users live in the district they buy in.
fn stay_home(category: usize) -> f64 {
    match CATEGORIES[category].name {
        "文旅" => 0.35,
        "交通" => 0.50,
        "餐饮" | "体育" => 0.75,
        _ => 0.68,
    }
}

/// Spreads `total` by demand, with a little chance per district and day. Rounding carries over from cell to cell, so
/// that the sum is exact.
fn volumes(seed: u64, span: Span, total: u64, calendar: &WorkCalendar) -> Vec<[u32; 16]> {
    let mut weights = Vec::with_capacity(span.days() as usize);
    for (day, date) in span.dates().enumerate() {
        let years = day as f64 / 365.25;
        let mut row = [0.0; 16];
        for (index, district) in DISTRICTS.iter().enumerate() {
            let rng = &mut stream(seed, "volume", day as u64 * 16 + index as u64);
            let demand: f64 = CATEGORIES
                .iter()
                .map(|category| season::demand(calendar, district, category, date, years))
                .sum();
            row[index] = demand * lognormal(rng, 0.06) * outlier(span, date, index);
        }
        weights.push(row);
    }
    let sum: f64 = weights.iter().flatten().sum();
    let mut seen = 0.0;
    let mut given = 0;
    let mut cell = |weight: f64| {
        seen += weight;
        let until = ((seen / sum) * total as f64 + 0.5).floor().min(total as f64) as u64;
        let count = until - given;
        given = until;
        count as u32
    };
    weights.iter().map(|row| row.map(&mut cell)).collect()
}

fn outlier(span: Span, date: NaiveDate, district: usize) -> f64 {
    let before = (span.last - date).num_days() as u64;
    OUTLIERS.iter().find(|(days, at, _)| *days == before && *at == district).map_or(1.0, |found| found.2)
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};
    use std::hash::{DefaultHasher, Hash, Hasher};

    use super::super::city::Sizes;
    use super::super::people::People;
    use super::super::places::Places;
    use super::super::units::{Ground, units};
    use super::*;

    struct Nowhere;
    impl Ground for Nowhere {
        fn point(&self, _: &mut dyn rand::RngCore, _: usize) -> anyhow::Result<(f64, f64)> {
            Ok((121.5, 31.2))
        }
    }

    fn draw(seed: u64) -> Vec<Transaction> {
        let places = Places::builtin().unwrap();
        let span = Span::ending("2026-11-21".parse().unwrap()).unwrap();
        let sizes = Sizes::of(0.02).unwrap();
        let people = People::new(seed, span, &places).unwrap();
        let people: Vec<_> = (0..sizes.people).map(|index| people.person(index).unwrap()).collect();
        let members = Members::of(people.iter()).unwrap();
        let units = units(seed, span, sizes.units, &places, &Nowhere).unwrap();
        let suppliers = Suppliers::of(&units).unwrap();
        let stream = Transactions::new(seed, span, 140_000, members, suppliers).unwrap();
        let cells = span.dates().flat_map(|date| (0..16).map(move |district| (date, district)));
        cells.flat_map(|(date, district)| stream.day(date, district).unwrap()).collect()
    }

    fn checksum(transactions: &[Transaction]) -> u64 {
        let mut hasher = DefaultHasher::new();
        for one in transactions {
            (
                one.number(),
                one.pay_time,
                one.unit,
                one.person,
                one.mode,
                one.original,
                one.discount,
                one.reversed,
            )
                .hash(&mut hasher);
        }
        hasher.finish()
    }

    #[test]
    fn the_same_seed_is_the_same_city() {
        assert_eq!(checksum(&draw(7)), checksum(&draw(7)));
        assert_ne!(checksum(&draw(7)), checksum(&draw(8)));
    }

    #[test]
    fn the_city_is_plausible() {
        let all = draw(1);
        assert_eq!(all.len(), 140_000, "the total is exact");
        let numbers: HashSet<String> = all.iter().map(Transaction::number).collect();
        assert_eq!(numbers.len(), all.len(), "numbers are unique");

        let share = |keep: &dyn Fn(&Transaction) -> bool| {
            all.iter().filter(|one| keep(one)).count() as f64 / all.len() as f64
        };
        let between = |name: &str, value: f64, low: f64, high: f64| {
            assert!(value > low && value < high, "{name}: {value} is not between {low} and {high}");
        };
        between("reversed", share(&|one| one.reversed), 0.003, 0.007);
        between("浦东新区", share(&|one| one.district == 10), 0.20, 0.30);
        between("餐饮", share(&|one| one.category == 2), 0.19, 0.28);

        // Every discount lies between 5 and 40 of 100 (less the rounding to a fen), and something is left to pay.
        for one in &all {
            let rate = one.discount as f64 / one.original as f64;
            assert!(rate <= 0.40 && rate > 0.039 && one.amount() > 0, "{one:?}");
        }

        let year = |from: &str, to: &str| {
            let (from, to): (NaiveDate, NaiveDate) = (from.parse().unwrap(), to.parse().unwrap());
            move |one: &Transaction| (from..=to).contains(&one.pay_time.date())
        };
        let growth = share(&year("2025-11-22", "2026-11-21")) / share(&year("2024-11-22", "2025-11-21"));
        between("growth", growth, 1.12, 1.35);
        let august = share(&year("2025-08-01", "2025-08-01")) / share(&year("2025-08-20", "2025-08-20"));
        between("八一", august, 1.5, 3.2);

        let first = year("2023-11-22", "2024-11-21");
        let last = year("2025-11-22", "2026-11-21");
        let card = |keep: &dyn Fn(&Transaction) -> bool| {
            share(&|one| keep(one) && one.mode == 0) / share(&|one| keep(one))
        };
        assert!(card(&last) > card(&first) + 0.12, "people move to the electronic card");

        // Popularity: the busiest tenth of the units has more than its share, and most units have some trade.
        let mut by_unit: HashMap<usize, usize> = HashMap::new();
        all.iter().for_each(|one| *by_unit.entry(one.unit).or_default() += 1);
        let mut counts: Vec<usize> = by_unit.values().copied().collect();
        counts.sort_unstable_by(|one, other| other.cmp(one));
        let top: usize = counts.iter().take(counts.len() / 10).sum();
        between("busiest tenth", top as f64 / all.len() as f64, 0.2, 0.7);
        assert!(counts.len() > 140, "units with trade: {}", counts.len());

        // Nobody goes to the doctor at night, and lunch is the restaurants' hour.
        assert!(all.iter().all(|one| (6..24).contains(&chrono::Timelike::hour(&one.pay_time))));
        let hour = |category, hour| {
            share(&|one| one.category == category && chrono::Timelike::hour(&one.pay_time) == hour)
        };
        assert!(hour(2, 12) > 3.0 * hour(2, 15), "lunch");
    }
}
