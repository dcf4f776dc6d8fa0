//! Invented veterans and their families: person, holder of a preferential card, card.
//! Each is drawn from a stream of its own, so any one can be drawn again without the others.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime};
use rand::Rng;
use rand::distr::Distribution;
use rand::distr::weighted::WeightedIndex;

use super::city::Span;
use super::identity;
use super::lifecycle::Lifecycle;
use super::names;
use super::places::{Community, DISTRICTS, Places};
use super::sampling::{chance, lognormal, stream, waiting, weighted};

/// Everything the demonstration knows of one person.
#[derive(Debug, Clone)]
pub struct Person {
    /// Ordinal, the key of everything drawn for this person.
    pub index: u64,
    /// Name.
    pub name: String,
    /// Sex.
    pub male: bool,
    /// Date of birth.
    pub birth: NaiveDate,
    /// Identity number.
    pub id_number: String,
    /// Mobile number.
    pub mobile: String,
    /// Index into [`DISTRICTS`], where the person lives.
    pub district: usize,
    /// The community the person lives in.
    pub community: Community,
    /// Address below the community.
    pub door: String,
    /// Code of political status.
    pub political_status: &'static str,
    /// Category of the holder.
    pub category: &'static str,
    /// Source of the certification.
    pub cert_source: &'static str,
    /// States of the holder.
    pub holder: Lifecycle,
    /// Number of the card.
    pub card_number: String,
    /// States of the card.
    pub card: Lifecycle,
    /// Last day the card is valid.
    pub card_valid_to: NaiveDate,
    /// Whether the card was issued in Shanghai.
    pub local_card: bool,
    /// How often this person uses benefits, relative to the mean.
    pub activity: f64,
}

/// Draws people.
pub struct People<'a> {
    seed: u64,
    span: Span,
    places: &'a Places,
    homes: WeightedIndex<f64>,
}

/// Orders of identity numbers used for one day of birth and sex.
const ORDERS: u64 = 499;
const HOLDER_CATEGORIES: [(&str, f64); 4] =
    [("退役军人", 0.74), ("残疾军人", 0.08), ("烈士遗属", 0.06), ("其他优抚对象", 0.12)];
const CERT_SOURCES: [(&str, f64); 3] = [("全国接口", 0.45), ("随申办上海发证", 0.40), ("人脸", 0.15)];
const POLITICAL: [(&str, f64); 4] =
    [("中共党员", 0.46), ("共青团员", 0.08), ("民主党派", 0.02), ("群众", 0.44)];

impl<'a> People<'a> {
    /// People of the places, registered within the span.
    pub fn new(seed: u64, span: Span, places: &'a Places) -> anyhow::Result<Self> {
        let homes = weighted(DISTRICTS.iter().map(|district| district.residents))?;
        Ok(Self { seed, span, places, homes })
    }

    /// The person of that ordinal.
    pub fn person(&self, index: u64) -> anyhow::Result<Person> {
        let rng = &mut stream(self.seed, "person", index);
        let district = self.homes.sample(rng);
        let of_district = self.places.communities_of(district);
        let community = self.places.communities[of_district[rng.random_range(0..of_district.len())]];
        let category = pick(rng, &HOLDER_CATEGORIES);
        let male = chance(rng, if category == "烈士遗属" { 0.35 } else { 0.84 });
        let registered = self.registered(rng, index);
        let birth = self.birth(rng, index);
        let holder = self.holder(rng, registered);
        let issued = holder.first("certified").unwrap_or(registered);
        let local_card = chance(rng, 0.83);
        let card_valid_to = (issued.date() + Days::new(3650)).with_day(1).unwrap_or(issued.date());
        Ok(Person {
            index,
            name: names::person(rng, male),
            male,
            birth,
            id_number: identity::id_number(birth, (index % ORDERS) as u32, male),
            mobile: identity::mobile(index),
            district,
            community,
            door: format!(
                "{}弄{}号{}{:02}室",
                rng.random_range(1..1800),
                rng.random_range(1..120),
                rng.random_range(1..19),
                rng.random_range(1..7)
            ),
            political_status: pick(rng, &POLITICAL),
            category,
            cert_source: pick(rng, &CERT_SOURCES),
            card: self.card(rng, issued, &holder),
            card_number: identity::card_number(index),
            card_valid_to,
            local_card,
            activity: lognormal(rng, 0.9),
            holder,
        })
    }

    /// Born 20 to 95 years before the end, most between 45 and 75. The day in the year and the year's place in four
    /// follow from the ordinal, so that (birth, order) of identity numbers is unique up to 700,000 people.
    fn birth(&self, rng: &mut impl Rng, index: u64) -> NaiveDate {
        let age = 22.0 + 70.0 * (rng.random::<f64>() + rng.random::<f64>() + rng.random::<f64>()) / 3.0;
        let round = index / ORDERS;
        let year = self.span.last.year() - age as i32;
        let year = year - year.rem_euclid(4) + (round / 365 % 4) as i32;
        let day = ((round * 37 + index % ORDERS * 11) % 365) as u32 + 1;
        NaiveDate::from_yo_opt(year, day).unwrap_or(self.span.first)
    }

    /// 55 of 100 were registered before the history begins, the others during it, more in the season when
    /// soldiers retire (March and September), hardly at night.
    fn registered(&self, rng: &mut impl Rng, index: u64) -> NaiveDateTime {
        let before = index % 100 < 55;
        loop {
            let (from, days) = match before {
                true => (self.span.registration_start(), self.span.days_before()),
                false => (self.span.first, self.span.days()),
            };
            let offset = (rng.random::<f64>().powf(0.85) * days as f64) as u64;
            let date = from + Days::new(offset.min(days - 1));
            let keep = match date.month() {
                3 | 9 => 1.0,
                1 | 2 => 0.5,
                _ => 0.7,
            };
            if chance(rng, keep) {
                return self.span.moment(date, 8 * 3600 + rng.random_range(0..12 * 3600));
            }
        }
    }

    fn holder(&self, rng: &mut impl Rng, registered: NaiveDateTime) -> Lifecycle {
        let mut life = Lifecycle::created("registered", registered);
        let end = self.span.end();
        let after = |rng: &mut _, from: NaiveDateTime, mean_days: f64| {
            from + chrono::Duration::seconds((waiting(rng, mean_days) * 86_400.0) as i64 + 60)
        };
        if !chance(rng, 0.94) {
            return life;
        }
        let certified = after(rng, registered, 4.0);
        if !life.then("certified", certified, end) {
            return life;
        }
        if chance(rng, 0.012) {
            let frozen = after(rng, certified, 300.0);
            let thawed = after(rng, frozen, 45.0);
            let _ =
                life.then("frozen", frozen, end) && chance(rng, 0.8) && life.then("certified", thawed, end);
        }
        if chance(rng, 0.025) {
            let gone = after(rng, life.last().at, 700.0);
            life.then("cancelled", gone, end);
        }
        life
    }

    fn card(&self, rng: &mut impl Rng, issued: NaiveDateTime, holder: &Lifecycle) -> Lifecycle {
        let mut life = Lifecycle::created("valid", issued);
        let end = self.span.end();
        if let Some(gone) = holder.first("cancelled") {
            life.then("revoked", gone, end);
        } else if chance(rng, 0.01) {
            life.then("lost", issued + chrono::Duration::days(rng.random_range(30..900)), end);
        }
        life
    }
}

fn pick<'a>(rng: &mut impl Rng, choices: &[(&'a str, f64)]) -> &'a str {
    let mut left = rng.random::<f64>() * choices.iter().map(|(_, weight)| weight).sum::<f64>();
    let chosen = choices.iter().find(|(_, weight)| {
        left -= weight;
        left <= 0.0
    });
    chosen.unwrap_or(&choices[0]).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn people_are_plausible_and_unique() {
        let places = Places::builtin().unwrap();
        let people = People::new(1, Span::ending("2026-11-21".parse().unwrap()).unwrap(), &places).unwrap();
        let all: Vec<Person> = (0..20_000).map(|index| people.person(index).unwrap()).collect();
        let pudong = all.iter().filter(|person| person.district == 10).count() as f64 / 20_000.0;
        assert!((pudong - 0.2286).abs() < 0.015, "share of 浦东新区 {pudong}");
        let certified = all.iter().filter(|person| person.holder.first("certified").is_some()).count();
        assert!((17_500..19_000).contains(&certified), "certified {certified}");
        let older = all.iter().filter(|person| person.birth.year() < 1976).count();
        assert!(older > 10_000, "born before 1976: {older}");
        let numbers: HashSet<&str> = all.iter().map(|person| person.id_number.as_str()).collect();
        assert_eq!(numbers.len(), all.len());
        let cards: HashSet<&str> = all.iter().map(|person| person.card_number.as_str()).collect();
        assert_eq!(cards.len(), all.len());
    }
}
