//! Draws the city and loads it: regions, units, people, then the transactions between them.

use std::sync::Arc;

use anyhow::Context;
use chrono::NaiveDateTime;
use pujiang_security::{FieldCipher, MaskKind, mask};
use pujiang_transactional::ResourceEngine;
use pujiang_warehouse::Lake;

use super::batches::{CardFace, UnitFace};
use super::city::{Sizes, Span};
use super::ground::Boundaries;
use super::history::{self, History, Recent};
use super::members::Members;
use super::operational::Loader;
use super::people::{People, Person};
use super::places::{DISTRICTS, Places};
use super::progress::Progress;
use super::records::{self, Record};
use super::season::CATEGORIES;
use super::suppliers::Suppliers;
use super::transactions::{Transaction, Transactions};
use super::units::{self, Unit};

/// People of one load.
const CHUNK: usize = 2_000;
/// Days whose transactions are in part entered through the services.
const RECENT_DAYS: u64 = 3;

/// What decides every value of a city.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Seed.
    pub seed: u64,
    /// Time.
    pub span: Span,
    /// Amounts.
    pub sizes: Sizes,
    /// The moment of loading.
    pub loaded_at: NaiveDateTime,
}

/// The rooms a city is loaded into.
pub struct Rooms<'a> {
    /// The operational store.
    pub engine: &'a ResourceEngine,
    /// The lake.
    pub lake: &'a Lake,
    /// Encryption and pseudonyms.
    pub cipher: &'a FieldCipher,
}

/// What was loaded, and what is left to enter by hand.
pub struct Filled {
    /// Records loaded in bulk.
    pub records: u64,
    /// Transactions of the last days still to come through the services.
    pub recent: Vec<RecentTransaction>,
    /// Places for accounts that see less than a district.
    pub narrow: Narrow,
}

/// A street, an organisation with branches, and a person of the city.
pub struct Narrow {
    /// Code of a street of 徐汇区.
    pub street: &'static str,
    /// Id of an organisation with others below it.
    pub organization: String,
    /// Id of the person who uses benefits most.
    pub person: String,
}

/// A transaction as somebody at a counter enters it.
pub struct RecentTransaction {
    /// What it is.
    pub transaction: Transaction,
    /// Id of the unit's profile.
    pub merchant_id: String,
    /// Number of the card.
    pub card_number: String,
}

/// Loads a city into empty rooms.
pub async fn fill(rooms: &Rooms<'_>, plan: Plan, progress: &Progress) -> anyhow::Result<Filled> {
    let places = Places::builtin()?;
    let mut loader = Loader::new(rooms.engine, rooms.lake, rooms.cipher)?;
    let mut base = 0;

    let regions = records::regions(plan.seed, &places, plan.span.moment(plan.span.registration_start(), 0));
    let units = units::units(plan.seed, plan.span, plan.sizes.units, &places, &Boundaries)?;
    let [organizations, profiles, services, points] = unit_records(plan.seed, &places, &units);
    for (resource, records) in [
        ("region", regions),
        ("organization", organizations),
        ("merchant_profile", profiles),
        ("benefit_service", services),
        ("service_point", points),
    ] {
        loader.load(resource, &records).await?;
        base += records.len() as u64;
    }

    let people = people(&mut loader, plan, &places, progress).await?;
    loader.finish().await?;
    base += people.len() as u64 * 3;

    let total = plan.sizes.records.saturating_sub(base);
    let members = Members::of(people.iter())?;
    let transactions = Transactions::new(plan.seed, plan.span, total, members, Suppliers::of(&units)?)?;
    let history = Arc::new(History {
        recent: Recent::of(
            &transactions,
            RECENT_DAYS,
            plan.sizes.recent_per_day,
            units.iter().map(|unit| unit.life.last().state == "active").collect(),
            people.iter().map(is_in_order).collect(),
        ),
        transactions,
        units: units.iter().map(|unit| unit_face(plan.seed, &places, unit)).collect(),
        cards: people.iter().map(|person| card_face(plan.seed, rooms.cipher, person)).collect(),
        loaded_at: plan.loaded_at,
    });
    let recent = history
        .through_services()?
        .into_iter()
        .map(|transaction| RecentTransaction {
            merchant_id: records::unit_id(plan.seed, &units[transaction.unit]),
            card_number: people[transaction.person].card_number.clone(),
            transaction,
        })
        .collect();
    let loaded = history::load(rooms.lake, history, total, progress).await?;
    let narrow = narrow(plan.seed, &places, &units, &people).context("a city without people or units")?;
    Ok(Filled { records: base + loaded as u64, recent, narrow })
}

/// Whether a counter takes the person's card today.
fn is_in_order(person: &Person) -> bool {
    person.holder.last().state == "certified" && person.card.last().state == "valid"
}

fn narrow(seed: u64, places: &Places, units: &[Unit], people: &[Person]) -> Option<Narrow> {
    let unit = units.iter().find(|unit| DISTRICTS[unit.district].code == "310104")?;
    // The smallest cities have no branches.
    let head = units.iter().find_map(|unit| parent(units, unit)).or(units.first())?;
    let person = people.iter().max_by(|one, other| one.activity.total_cmp(&other.activity))?;
    Some(Narrow {
        street: places.streets[unit.community.street].code,
        organization: records::organization_id(seed, head),
        person: records::person_id(seed, person),
    })
}

/// Every ninth unit is a branch of the first unit of its category in some district, often another one than its own.
fn parent<'u>(units: &'u [Unit], unit: &Unit) -> Option<&'u Unit> {
    let founding = DISTRICTS.len() * CATEGORIES.len();
    let is_branch = unit.index >= founding && unit.index.is_multiple_of(9);
    let district = unit.index / 9 % DISTRICTS.len();
    units.get(district * CATEGORIES.len() + unit.category).filter(|_| is_branch)
}

/// Draws and loads people; keeps what the transactions need of them.
async fn people(
    loader: &mut Loader<'_>,
    plan: Plan,
    places: &Places,
    progress: &Progress,
) -> anyhow::Result<Vec<Person>> {
    let drawn = People::new(plan.seed, plan.span, places)?;
    let mut people = Vec::with_capacity(plan.sizes.people as usize);
    let mut step = progress.step("持证对象", plan.sizes.people);
    let mut triple: [Vec<Record>; 3] = Default::default();
    for index in 0..plan.sizes.people {
        let person = drawn.person(index)?;
        for (records, record) in triple.iter_mut().zip(records::person(plan.seed, places, &person)) {
            records.push(record);
        }
        people.push(person);
        if triple[0].len() == CHUNK || index + 1 == plan.sizes.people {
            for (resource, records) in
                ["person", "card_holder", "preferential_card"].into_iter().zip(&mut triple)
            {
                loader.load(resource, records).await?;
                step.advance(if resource == "person" { records.len() as u64 } else { 0 });
                records.clear();
            }
        }
    }
    step.finish();
    Ok(people)
}

fn unit_records(seed: u64, places: &Places, units: &[Unit]) -> [Vec<Record>; 4] {
    let mut all: [Vec<Record>; 4] = Default::default();
    for unit in units {
        let [organization, profile] = records::unit(seed, places, unit, parent(units, unit));
        all[0].push(organization);
        all[1].push(profile);
        for service in &unit.services {
            all[2].push(records::service(seed, places, unit, service));
            all[3].extend(
                service.points.iter().map(|point| records::point(seed, places, unit, service, point)),
            );
        }
    }
    all
}

fn unit_face(seed: u64, places: &Places, unit: &Unit) -> UnitFace {
    UnitFace {
        credit_code: unit.credit_code.clone(),
        street: places.streets[unit.community.street].code,
        organization: records::organization_id(seed, unit),
    }
}

fn card_face(seed: u64, cipher: &FieldCipher, person: &Person) -> CardFace {
    CardFace {
        person: records::person_id(seed, person),
        masked: mask(MaskKind::CardNumber, &person.card_number),
        token: cipher.pseudonym("card_no", &person.card_number),
    }
}
