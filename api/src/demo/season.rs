//! When and what the city buys: categories, growth, seasons, days of the week and of feast, hours, ways to pay.
//! Pure functions of the date; chance comes later.

use chrono::{Datelike, NaiveDate};

use super::calendar::{DayKind, WorkCalendar};
use super::places::District;

/// A category of 优待 with the numbers that shape its demand.
pub struct Category {
    /// Name as every table stores it.
    pub name: &'static str,
    /// Share of all transactions in a plain month.
    pub share: f64,
    /// Median price in yuan before the discount.
    pub price: f64,
    /// Factor on a rest day, in a short holiday, in a golden week.
    days: [f64; 3],
    /// Factor per month, January first.
    months: [f64; 12],
    /// Weight of each opening hour, starting at 6:00.
    hours: [u8; 18],
    /// Share of services offered online.
    pub online: f64,
}

/// All categories; everywhere in the demonstration a category is its index here.
pub const CATEGORIES: [Category; 8] = [
    Category {
        name: "文旅",
        share: 0.14,
        price: 78.0,
        days: [1.9, 2.6, 3.2],
        months: [0.75, 0.85, 0.95, 1.15, 1.15, 0.95, 1.25, 1.35, 0.95, 1.25, 0.95, 0.75],
        hours: [0, 1, 3, 8, 10, 8, 6, 8, 9, 7, 5, 3, 4, 6, 4, 2, 0, 0],
        online: 0.35,
    },
    Category {
        name: "购物",
        share: 0.20,
        price: 165.0,
        days: [1.5, 1.6, 1.5],
        months: [1.20, 1.05, 0.90, 0.90, 0.95, 1.05, 0.90, 1.00, 0.95, 1.05, 1.25, 1.10],
        hours: [1, 1, 2, 4, 7, 8, 7, 6, 7, 7, 7, 8, 9, 10, 9, 5, 2, 1],
        online: 0.40,
    },
    Category {
        name: "餐饮",
        share: 0.24,
        price: 92.0,
        days: [1.35, 1.5, 1.3],
        months: [1.10, 1.00, 0.95, 1.00, 1.00, 1.00, 1.00, 1.10, 1.00, 1.00, 1.00, 1.05],
        hours: [2, 5, 4, 1, 2, 10, 12, 7, 2, 1, 3, 9, 12, 9, 5, 3, 1, 0],
        online: 0.25,
    },
    Category {
        name: "教育",
        share: 0.04,
        price: 330.0,
        days: [1.3, 0.5, 0.25],
        months: [0.85, 0.80, 1.20, 1.00, 0.95, 1.05, 1.35, 1.10, 1.40, 0.95, 0.90, 0.75],
        hours: [0, 1, 6, 10, 9, 5, 2, 6, 9, 8, 6, 3, 4, 6, 4, 1, 0, 0],
        online: 0.50,
    },
    Category {
        name: "医疗",
        share: 0.11,
        price: 175.0,
        days: [0.45, 0.35, 0.30],
        months: [1.15, 1.00, 1.10, 1.00, 0.95, 0.95, 0.95, 1.00, 0.95, 0.95, 1.05, 1.15],
        hours: [2, 8, 14, 14, 11, 6, 3, 8, 9, 7, 4, 2, 1, 1, 1, 0, 0, 0],
        online: 0.15,
    },
    Category {
        name: "交通",
        share: 0.18,
        price: 7.0,
        days: [0.75, 0.85, 0.80],
        months: [0.95, 0.80, 1.02, 1.02, 1.02, 1.00, 1.00, 1.00, 1.05, 1.02, 1.05, 1.02],
        hours: [5, 14, 13, 7, 4, 4, 4, 4, 4, 5, 8, 13, 11, 6, 4, 3, 2, 1],
        online: 0.10,
    },
    Category {
        name: "体育",
        share: 0.05,
        price: 62.0,
        days: [1.8, 1.5, 1.2],
        months: [0.80, 0.75, 1.00, 1.10, 1.15, 1.10, 1.15, 1.10, 1.10, 1.05, 0.95, 0.80],
        hours: [3, 4, 3, 5, 6, 4, 2, 4, 6, 6, 5, 6, 10, 12, 8, 3, 0, 0],
        online: 0.20,
    },
    Category {
        name: "金融",
        share: 0.04,
        price: 260.0,
        days: [0.35, 0.15, 0.10],
        months: [1.15, 0.90, 1.05, 0.95, 0.95, 1.10, 1.00, 1.00, 1.00, 0.90, 1.00, 1.15],
        hours: [0, 0, 3, 12, 14, 9, 4, 9, 12, 11, 6, 3, 2, 2, 1, 0, 0, 0],
        online: 0.55,
    },
];

/// Ways to enjoy a benefit; the order is that of [`modes`].
pub const MODES: [&str; 5] = ["电子证", "主扫", "被扫", "跳转", "券"];

/// First opening hour of the hour tables.
pub const FIRST_HOUR: u32 = 6;

const HOLIDAY: usize = 1;
const GOLDEN_WEEK: usize = 2;

/// Relative demand for a category in a district on a day; `years` counts from the first day of the history.
pub fn demand(
    calendar: &WorkCalendar,
    district: &District,
    category: &Category,
    date: NaiveDate,
    years: f64,
) -> f64 {
    let draw = if category.name == "文旅" { district.attraction } else { 1.0 };
    let month = category.months[date.month0() as usize];
    let day = match calendar.kind(date) {
        DayKind::Work => 1.0,
        DayKind::Rest => category.days[0],
        DayKind::Holiday => category.days[HOLIDAY],
        DayKind::GoldenWeek => category.days[GOLDEN_WEEK],
    };
    // Many leave the city for the Spring Festival; National Day brings visitors instead.
    let feast = match category.name {
        "文旅" => 1.0,
        _ if calendar.is(date, "春节") => 0.7,
        "购物" | "餐饮" if calendar.before_spring_festival(date) => 1.35,
        _ => 1.0,
    };
    let level = district.residents * district.growth.powf(years);
    level * category.share * draw * month * day * feast * army_day(date)
}

/// The weeks around 八一建军节, when the units run their campaigns.
fn army_day(date: NaiveDate) -> f64 {
    match (date.month(), date.day()) {
        (8, 1) => 2.1,
        (7, 28..=31) | (8, 2..=5) => 1.55,
        (7, 22..=27) | (8, 6..=10) => 1.2,
        _ => 1.0,
    }
}

/// Hour weights of a category; on days off people start later.
pub fn hours(category: &Category, kind: DayKind) -> [f64; 18] {
    let mut hours = category.hours.map(f64::from);
    if kind != DayKind::Work {
        for (hour, weight) in hours.iter_mut().enumerate() {
            *weight *= match hour {
                0..=2 => 0.4,
                4..=10 => 1.25,
                _ => 1.0,
            };
        }
    }
    hours
}

/// Shares of [`MODES`]: over `progress` from 0 (first day) to 1 (last) people move to the electronic card.
pub fn modes(category: &Category, progress: f64) -> [f64; 5] {
    let card = 0.28 + 0.30 * progress;
    let rest = 1.0 - card;
    let jump = 0.08 + 0.25 * category.online;
    let coupon = 0.12 - 0.05 * progress;
    let scans = 1.0 - jump - coupon;
    [card, rest * scans * 0.58, rest * scans * 0.42, rest * jump, rest * coupon]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::places::DISTRICTS;

    fn demand_on(category: usize, date: &str, years: f64) -> f64 {
        let calendar = WorkCalendar::builtin().unwrap();
        demand(&calendar, &DISTRICTS[1], &CATEGORIES[category], date.parse().unwrap(), years)
    }

    #[test]
    fn shares_add_up() {
        let shares: f64 = CATEGORIES.iter().map(|category| category.share).sum();
        assert!((shares - 1.0).abs() < 1e-9);
        for category in &CATEGORIES {
            for progress in [0.0, 0.5, 1.0] {
                let modes = modes(category, progress);
                assert!((modes.iter().sum::<f64>() - 1.0).abs() < 1e-9);
                assert!(modes.iter().all(|share| *share > 0.0));
            }
        }
    }

    #[test]
    fn the_year_has_its_peaks() {
        assert!(demand_on(0, "2025-10-03", 1.0) > 2.0 * demand_on(0, "2025-10-21", 1.0), "National Day");
        assert!(demand_on(1, "2025-08-01", 1.0) > 1.9 * demand_on(1, "2025-08-20", 1.0), "八一");
        assert!(demand_on(4, "2026-02-18", 2.0) < 0.4 * demand_on(4, "2026-03-10", 2.0), "Spring Festival");
        assert!(demand_on(2, "2026-03-10", 2.0) > 1.15 * demand_on(2, "2026-03-10", 1.0), "growth");
    }
}
