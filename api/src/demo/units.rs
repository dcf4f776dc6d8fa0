//! Invented provider units with their organisation, services and service points.

use chrono::{Duration, NaiveDateTime};
use rand::Rng;
use rand::distr::Distribution;

use super::city::Span;
use super::lifecycle::Lifecycle;
use super::places::{Community, DISTRICTS, Places};
use super::sampling::{chance, lognormal, one_of, stream, waiting, weighted};
use super::season::CATEGORIES;
use super::{identity, names};

/// A provider unit.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Ordinal.
    pub index: usize,
    /// Name of the organisation.
    pub name: String,
    /// Unified social credit code; transactions name their unit by it.
    pub credit_code: String,
    /// Index into [`DISTRICTS`].
    pub district: usize,
    /// Index into [`CATEGORIES`].
    pub category: usize,
    /// Where it is registered.
    pub community: Community,
    /// Address below the street.
    pub road: String,
    /// 商圈.
    pub area: &'static str,
    /// How its systems are connected.
    pub integration: &'static str,
    /// Contact.
    pub contact: (String, String),
    /// States of the profile.
    pub life: Lifecycle,
    /// Price level relative to the category's median.
    pub price_level: f64,
    /// Its discount, as a share of the price.
    pub discount: f64,
    /// What it offers.
    pub services: Vec<Service>,
}

/// A service of a unit.
#[derive(Debug, Clone)]
pub struct Service {
    /// Ordinal over all units.
    pub index: usize,
    /// Name.
    pub name: String,
    /// 线上 or 线下.
    pub mode: &'static str,
    /// States.
    pub life: Lifecycle,
    /// Places where it is given; online services have none.
    pub points: Vec<Point>,
}

/// A service point.
#[derive(Debug, Clone)]
pub struct Point {
    /// Ordinal over all units.
    pub index: usize,
    /// Name.
    pub name: String,
    /// The community it lies in.
    pub community: Community,
    /// Address below the street.
    pub road: String,
    /// Longitude and latitude inside the district.
    pub location: (f64, f64),
    /// Fixed-line number.
    pub phone: String,
    /// Opening hours.
    pub hours: &'static str,
    /// States.
    pub life: Lifecycle,
}

/// Gives points inside a district.
pub trait Ground {
    /// Longitude and latitude of a point inside the district of that index.
    fn point(&self, rng: &mut dyn rand::RngCore, district: usize) -> anyhow::Result<(f64, f64)>;
}

const INTEGRATIONS: [&str; 4] = ["标准接口", "跳转", "机具扫码", "无"];
const DISCOUNTS: [f64; 10] = [0.05, 0.08, 0.10, 0.12, 0.15, 0.20, 0.25, 0.30, 0.35, 0.40];
const HOURS: [&str; 4] = ["09:00-17:00", "08:30-20:00", "10:00-22:00", "00:00-24:00"];

/// All units of a city. The first of each category in each district is there from the beginning, so that no day's
/// demand is without a supplier; the others join over time, more of them where more people live.
pub fn units(
    seed: u64,
    span: Span,
    count: usize,
    places: &Places,
    ground: &dyn Ground,
) -> anyhow::Result<Vec<Unit>> {
    let districts = weighted(DISTRICTS.iter().map(|district| district.residents.sqrt()))?;
    let categories = weighted(CATEGORIES.iter().map(|category| category.share))?;
    let mut services = 0;
    let mut points = 0;
    let mut units = Vec::with_capacity(count);
    for index in 0..count {
        let rng = &mut stream(seed, "unit", index as u64);
        let founding = index < DISTRICTS.len() * CATEGORIES.len();
        let (district, category) = match founding {
            true => (index / CATEGORIES.len(), index % CATEGORIES.len()),
            false => (districts.sample(rng), categories.sample(rng)),
        };
        let community = community(rng, places, district);
        let life = profile(rng, span, founding);
        let mut unit = Unit {
            index,
            name: names::unit(rng, category, index, places.streets[community.street].name),
            credit_code: identity::credit_code(DISTRICTS[district].code, index as u64),
            district,
            category,
            community,
            road: names::road(rng),
            area: names::area(rng),
            integration: one_of(rng, &INTEGRATIONS),
            contact: {
                let male = chance(rng, 0.5);
                (names::person(rng, male), identity::mobile(50_000_000 + index as u64))
            },
            price_level: lognormal(rng, 0.3),
            discount: DISCOUNTS[rng.random_range(0..DISCOUNTS.len())],
            services: Vec::new(),
            life,
        };
        for ordinal in 0..rng.random_range(1..=4) {
            let service = service(rng, span, &unit, ordinal, services, &mut points, places, ground)?;
            services += 1;
            unit.services.push(service);
        }
        units.push(unit);
    }
    Ok(units)
}

fn community(rng: &mut impl Rng, places: &Places, district: usize) -> Community {
    let choices = places.communities_of(district);
    places.communities[choices[rng.random_range(0..choices.len())]]
}

fn later(rng: &mut impl Rng, from: NaiveDateTime, mean_days: f64) -> NaiveDateTime {
    from + Duration::seconds((waiting(rng, mean_days) * 86_400.0) as i64 + 3_600)
}

fn profile(rng: &mut impl Rng, span: Span, founding: bool) -> Lifecycle {
    let end = span.end();
    let (from, days) = match founding || chance(rng, 0.35) {
        true => (span.registration_start(), span.days_before().saturating_sub(60).max(1)),
        false => (span.first, span.days()),
    };
    let offset = (rng.random::<f64>().powf(0.8) * days as f64) as i64;
    let applied = span.moment(from, 9 * 3600 + rng.random_range(0..8 * 3600)) + Duration::days(offset);
    let mut life = Lifecycle::created("pending", applied);
    // Founding units are approved within days, and stay: they are the district's only sure supplier.
    let mean = if founding { 3.0 } else { 12.0 };
    let approved = if founding { applied + Duration::days(7) } else { later(rng, applied, mean) };
    if !life.then("active", approved, end) || founding {
        return life;
    }
    if chance(rng, 0.06) {
        let frozen = later(rng, approved, 400.0);
        let thawed = later(rng, frozen, 40.0);
        let _ = life.then("frozen", frozen, end) && chance(rng, 0.7) && life.then("active", thawed, end);
    }
    if life.last().state == "active" && chance(rng, 0.04) {
        let closed = later(rng, life.last().at, 500.0);
        life.then("closed", closed, end);
    }
    life
}

#[expect(
    clippy::too_many_arguments,
    reason = "one draw needs the whole surroundings; a struct would be built once and dropped"
)]
fn service(
    rng: &mut impl Rng,
    span: Span,
    unit: &Unit,
    ordinal: usize,
    index: usize,
    points: &mut usize,
    places: &Places,
    ground: &dyn Ground,
) -> anyhow::Result<Service> {
    let category = &CATEGORIES[unit.category];
    // The first service is given on the spot, so that every unit has a point on the map.
    let online = ordinal > 0 && chance(rng, category.online);
    let created =
        later(rng, unit.life.first("active").unwrap_or(unit.life.created_at()), 30.0 * ordinal as f64 + 1.0);
    let created = created.min(span.end());
    let mut life = Lifecycle::created("draft", created);
    let published = later(rng, created, 6.0);
    if life.then("online", published, span.end()) && chance(rng, 0.08) {
        let withdrawn = later(rng, published, 420.0);
        life.then("offline", withdrawn, span.end());
    }
    let title = names::service(rng, unit.category, ordinal);
    let count = if online || life.first("online").is_none() { 0 } else { rng.random_range(1..=4) };
    let mut service = Service {
        index,
        name: format!("{title}（{}折）", fold(unit.discount)),
        mode: if online { "线上" } else { "线下" },
        life,
        points: Vec::with_capacity(count),
    };
    for ordinal in 0..count {
        let opened = later(rng, service.life.last().at, 5.0 + 60.0 * ordinal as f64).min(span.end());
        let mut life = Lifecycle::created("open", opened);
        if ordinal > 0 && chance(rng, 0.05) {
            let closed = later(rng, opened, 400.0);
            life.then("closed", closed, span.end());
        }
        let community = community(rng, places, unit.district);
        let street = places.streets[community.street].name;
        service.points.push(Point {
            index: *points,
            name: format!("{title}{street}服务点"),
            community,
            road: names::road(rng),
            location: ground.point(rng, unit.district)?,
            phone: identity::landline(rng),
            hours: one_of(rng, &HOURS),
            life,
        });
        *points += 1;
    }
    Ok(service)
}

/// 0.15 off is 8.5 折.
fn fold(discount: f64) -> String {
    let tenths = ((1.0 - discount) * 100.0).round() / 10.0;
    format!("{tenths}")
}
