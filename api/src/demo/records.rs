//! The city's people, units and regions as records of the resources: every field by the name its definition gives it.
//! Which of them are encrypted, masked or left out of the lake is decided by the definitions, not here.

use chrono::{NaiveDateTime, Timelike};
use rand::RngCore;
use serde_json::{Map, Value, json};

use super::lifecycle::Lifecycle;
use super::people::Person;
use super::places::{DISTRICTS, Places};
use super::sampling::stream;
use super::season::CATEGORIES;
use super::units::{Point, Service, Unit};

/// A record of a resource with the states it went through.
#[derive(Debug, Clone)]
pub struct Record {
    /// UUIDv7 of its creation.
    pub id: String,
    /// Code of its district, or of the city.
    pub district: &'static str,
    /// Its states.
    pub life: Lifecycle,
    /// Values by field name: text, number or truth.
    pub fields: Map<String, Value>,
    /// Cell of the stock figures: category and mode.
    pub cell: (Option<&'static str>, Option<&'static str>),
}

/// RFC 3339 in Shanghai, as the store keeps it.
pub fn rfc3339(at: NaiveDateTime) -> String {
    format!("{}+08:00", at.format("%Y-%m-%dT%H:%M:%S"))
}

/// The id of a record, the same whenever the same city is drawn.
pub fn id(seed: u64, subject: &str, index: u64, created: NaiveDateTime) -> String {
    let mut random = [0u8; 10];
    stream(seed, subject, index).fill_bytes(&mut random);
    // Shanghai is eight hours ahead of the clock in a UUID.
    let milliseconds = (created.and_utc().timestamp() - 8 * 3600).max(0) as u64 * 1000;
    uuid::Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid().to_string()
}

fn fields<const N: usize>(pairs: [(&str, Value); N]) -> Map<String, Value> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Id of the holder of a person; transactions and cards refer to it.
pub fn holder_id(seed: u64, person: &Person) -> String {
    id(seed, "holder", person.index, person.holder.created_at())
}

/// Id of a person; what belongs to the person carries it.
pub fn person_id(seed: u64, person: &Person) -> String {
    id(seed, "person-id", person.index, person.holder.created_at())
}

/// A person, the holder, and the card if it was issued.
pub fn person(seed: u64, places: &Places, person: &Person) -> [Record; 3] {
    let created = person.holder.created_at();
    let district = DISTRICTS[person.district].code;
    let street = places.streets[person.community.street];
    let person_id = person_id(seed, person);
    let face = person.holder.first("certified").is_some();
    let address = format!("上海市{}{}{}", street.name, person.community.name, person.door);
    let natural = Record {
        id: person_id.clone(),
        district,
        life: Lifecycle::created("active", created),
        cell: (None, None),
        fields: fields([
            ("full_name", json!(person.name)),
            ("id_no", json!(person.id_number)),
            ("gender", json!(if person.male { "男" } else { "女" })),
            ("birth_date", json!(person.birth.to_string())),
            ("mobile", json!(person.mobile)),
            ("address", json!(address)),
            ("political_status", json!(person.political_status)),
            ("district_code", json!(district)),
            ("street_code", json!(street.code)),
            ("real_name_level", json!(if face { "face" } else { "basic" })),
        ]),
    };
    let certified = person.holder.first("certified");
    let place = if person.local_card { "上海" } else { "外省市" };
    let holder = Record {
        id: holder_id(seed, person),
        district,
        life: person.holder.clone(),
        cell: (Some(person.category), None),
        fields: fields([
            ("person_id", json!(person_id)),
            ("district_code", json!(district)),
            ("street_code", json!(street.code)),
            ("category", json!(person.category)),
            ("issue_place", json!(place)),
            ("register_at", json!(rfc3339(created))),
            ("certified_at", certified.map_or(Value::Null, |at| json!(rfc3339(at)))),
            ("cert_source", certified.map_or(Value::Null, |_| json!(person.cert_source))),
        ]),
    };
    let card = Record {
        id: id(seed, "card", person.index, person.card.created_at()),
        district,
        life: person.card.clone(),
        cell: (None, None),
        fields: fields([
            ("card_no", json!(person.card_number)),
            ("holder_id", json!(holder.id)),
            ("person_id", json!(person_id)),
            ("district_code", json!(district)),
            ("street_code", json!(street.code)),
            ("issue_place", json!(place)),
            ("valid_to", json!(person.card_valid_to.to_string())),
        ]),
    };
    [natural, holder, card]
}

/// Id of a unit's profile.
pub fn unit_id(seed: u64, unit: &Unit) -> String {
    id(seed, "profile", unit.index as u64, unit.life.created_at())
}

/// Id of a unit's organisation.
pub fn organization_id(seed: u64, unit: &Unit) -> String {
    id(seed, "organization", unit.index as u64, unit.life.created_at())
}

/// The organisation and the profile of a unit; `parent` is the unit whose branch it is.
pub fn unit(seed: u64, places: &Places, unit: &Unit, parent: Option<&Unit>) -> [Record; 2] {
    let created = unit.life.created_at();
    let district = DISTRICTS[unit.district].code;
    let street = places.streets[unit.community.street];
    let organization_id = organization_id(seed, unit);
    let address = format!("上海市{}{}", street.name, unit.road);
    let founded = created.date() - chrono::Days::new(365 * (2 + unit.index as u64 % 28));
    let organization = Record {
        id: organization_id.clone(),
        district,
        life: Lifecycle::created("active", created),
        cell: (None, None),
        fields: fields([
            ("org_code", json!(format!("ORG{:06}", unit.index))),
            ("name", json!(unit.name)),
            ("parent_id", json!(parent.map(|parent| self::organization_id(seed, parent)))),
            ("org_type", json!("优待服务提供单位")),
            ("credit_code", json!(unit.credit_code)),
            ("district_code", json!(district)),
            ("street_code", json!(street.code)),
            ("founded_on", json!(founded.to_string())),
            ("address", json!(address)),
            ("contact_name", json!(unit.contact.0)),
            ("contact_phone", json!(unit.contact.1)),
            ("level", json!(3)),
        ]),
    };
    let category = CATEGORIES[unit.category].name;
    let profile = Record {
        id: unit_id(seed, unit),
        district,
        life: unit.life.clone(),
        cell: (Some(category), None),
        fields: fields([
            ("name", json!(unit.name)),
            ("credit_code", json!(unit.credit_code)),
            ("org_id", json!(organization_id)),
            ("category", json!(category)),
            ("source", json!(if unit.index.is_multiple_of(3) { "单位自主" } else { "区级" })),
            ("district_code", json!(district)),
            ("street_code", json!(street.code)),
            ("address", json!(address)),
            ("business_scope", json!(format!("{category}服务"))),
            ("business_area", json!(unit.area)),
            ("integration", json!(unit.integration)),
            ("activated_at", unit.life.first("active").map_or(Value::Null, |at| json!(rfc3339(at)))),
        ]),
    };
    [organization, profile]
}

/// A service of a unit.
pub fn service(seed: u64, places: &Places, unit: &Unit, service: &Service) -> Record {
    let category = CATEGORIES[unit.category].name;
    let district = DISTRICTS[unit.district].code;
    let percent = (unit.discount * 100.0).round() as i64;
    Record {
        id: service_id(seed, service),
        district,
        life: service.life.clone(),
        cell: (Some(category), Some(service.mode)),
        fields: fields([
            ("merchant_id", json!(unit_id(seed, unit))),
            ("name", json!(service.name)),
            ("category", json!(category)),
            ("mode", json!(service.mode)),
            ("content", json!(format!("凭优待证享受原价减免 {percent}% 的优待"))),
            ("discount_note", json!(format!("减免 {percent}%"))),
            ("is_hot", json!(service.index.is_multiple_of(11))),
            ("district_code", json!(district)),
            ("street_code", json!(places.streets[unit.community.street].code)),
            ("org_id", json!(organization_id(seed, unit))),
            ("online_at", service.life.first("online").map_or(Value::Null, |at| json!(rfc3339(at)))),
        ]),
    }
}

fn service_id(seed: u64, service: &Service) -> String {
    id(seed, "service", service.index as u64, service.life.created_at())
}

/// A point of a service.
pub fn point(seed: u64, places: &Places, unit: &Unit, service: &Service, point: &Point) -> Record {
    let district = DISTRICTS[unit.district].code;
    let street = places.streets[point.community.street];
    Record {
        id: id(seed, "point", point.index as u64, point.life.created_at()),
        district,
        life: point.life.clone(),
        cell: (None, None),
        fields: fields([
            ("service_id", json!(service_id(seed, service))),
            ("name", json!(point.name)),
            ("org_id", json!(organization_id(seed, unit))),
            ("district_code", json!(district)),
            ("street_code", json!(street.code)),
            ("address", json!(format!("上海市{}{}", street.name, point.road))),
            ("lon", json!(format!("{:.6}", point.location.0))),
            ("lat", json!(format!("{:.6}", point.location.1))),
            ("business_area", json!(unit.area)),
            ("phone", json!(point.phone)),
            ("open_hours", json!(point.hours)),
        ]),
    }
}

/// City, districts, streets and communities.
pub fn regions(seed: u64, places: &Places, since: NaiveDateTime) -> Vec<Record> {
    let city = ("310000", "上海市".to_owned(), "city", None);
    let districts =
        DISTRICTS.iter().zip(pujiang_security::district::DISTRICTS.iter()).map(|(ours, named)| {
            debug_assert_eq!(ours.code, named.code.as_str());
            (ours.code, named.name.to_owned(), "district", Some("310000"))
        });
    let streets = places
        .streets
        .iter()
        .map(|street| (street.code, street.name.to_owned(), "street", Some(DISTRICTS[street.district].code)));
    let communities = places.communities.iter().map(|community| {
        (community.code, community.name.to_owned(), "community", Some(places.streets[community.street].code))
    });
    let since = since.with_second(0).unwrap_or(since);
    std::iter::once(city)
        .chain(districts)
        .chain(streets)
        .chain(communities)
        .enumerate()
        .map(|(index, (code, name, level, parent))| Record {
            id: id(seed, "region", index as u64, since),
            district: "310000",
            life: Lifecycle::created("active", since),
            cell: (None, None),
            fields: fields([
                ("region_code", json!(code)),
                ("name", json!(name)),
                ("level", json!(level)),
                ("parent_code", json!(parent)),
                ("valid_from", json!(since.date().to_string())),
            ]),
        })
        .collect()
}
