//! A condition keeps the rows it is true for, whatever the statistics of files say: casts that put values out of order, or
//! make different values one, are not looked through. Every condition is asked twice: as a filter, and of each row.

use std::fmt::Write as _;

use super::support::{TestLake, ask, lake, upserts};

/// Three files in each of two districts: each of some days, at all hours, and amounts with all ends.
async fn filled() -> TestLake {
    let t = lake().await;
    for part in 0..3_i64 {
        let numbers: Vec<String> = (0..200).map(|i| format!("n{part}-{i:03}")).collect();
        let rows: Vec<super::support::Row> = numbers
            .iter()
            .enumerate()
            .map(|(at, number)| {
                let i = i64::try_from(at).unwrap();
                let district = if at % 2 == 0 { "310104" } else { "310105" };
                let minutes = part * 10 * 1440 + i * 97;
                let amount = i128::from(part * 1000 + i * 7 - 300);
                (number.as_str(), district, minutes, "文旅", "p1", amount, i % 5 - 2)
            })
            .collect();
        t.lake.writer("pay").unwrap().upsert(upserts(&t.lake, &rows), None).await.unwrap();
    }
    t
}

const CONDITIONS: &[&str] = &[
    "at::time < '12:00'",
    "at::time >= '23:00'",
    "at::time between '08:00' and '09:30'",
    "not (at::time >= '01:00')",
    "at::time = '00:00'",
    "at::date = '2026-09-05' and at::time > '20:30'",
    "at::date between '2026-09-03' and '2026-09-13'",
    "at::timestamp(0) = timestamp '2026-09-01 01:37:00'",
    "at::timestamptz::time < '03:00'",
    "(at at time zone 'UTC')::time < '03:00'",
    "at::text like '%:00:00'",
    "at::text < '2026-09-1'",
    "date_trunc('month', at) = timestamp '2026-09-01'",
    "extract(hour from at) < 3",
    "amount::numeric(10,0) = 12",
    "amount::numeric(10,0) <> 12",
    "amount::numeric(10,0) is distinct from 12",
    "amount::numeric(12,1) in (12.3, 5.5)",
    "cast(amount as decimal(12,0)) between 10 and 12",
    "amount::numeric(10,1) <= 0.0",
    "12 > amount::numeric(10,0)",
    "amount::int = 12",
    "amount::bigint < 0",
    "amount::float8 < 0.5",
    "amount::real = 0.01::real",
    "amount::text < '5'",
    "version::boolean",
    "version::boolean = false",
    "version::smallint = -1",
    "version::text > '0'",
    "version::numeric(3,1) = 1",
    "no::char(2) = 'n1'",
    "no::varchar(4) = 'n1-0'",
    "left(no, 2) = 'n2'",
    "-amount > 0",
    "abs(amount) < 1",
    "round(amount) = 12",
    "round(amount, 1) = 12.3",
    "amount % 10 = 0",
    "greatest(district_code, 'a', no) > 'n1'",
    "case when district_code = '310104' then no else 'x' end < 'n1'",
    "district_code || no > '310105n1-1'",
];

/// What rows are put in order by: columns of the files and of the folders, alone and together.
const KEYS: &[&str] = &[
    "district_code desc",
    "greatest(district_code, 'a', no) desc",
    "case when district_code = '310104' then no else 'x' end desc",
    "district_code || (amount)::text",
    "coalesce(nullif(amount, 0.04), version)",
    "-amount",
    "at::time desc",
    "abs(version), district_code",
];

#[tokio::test]
async fn a_filter_keeps_the_rows_its_condition_is_true_for() {
    let t = filled().await;
    let mut differ = String::new();
    let mut empty = 0;
    for condition in CONDITIONS {
        let of_each = ask(
            &t.lake,
            &["city"],
            &format!("select coalesce(sum(case when {condition} then 1 else 0 end), 0) from pay"),
        )
        .await;
        let filtered = ask(&t.lake, &["city"], &format!("select count(*) from pay where {condition}")).await;
        let through = ask(
            &t.lake,
            &["city"],
            &format!("select count(*) from (select * from pay) q where ({condition}) is true"),
        )
        .await;
        empty += usize::from(filtered[0][0] == "0");
        if filtered != of_each || through != of_each {
            writeln!(differ, "{condition}: {of_each:?} rows, {filtered:?} and {through:?} filtered").unwrap();
        }
    }
    assert!(differ.is_empty(), "{differ}");
    assert!(empty < 6, "{empty} conditions are true for no row");
}

#[tokio::test]
async fn conditions_on_parts_of_values_by_hand() {
    let t = filled().await;
    let count = async |condition: &str| {
        ask(&t.lake, &["city"], &format!("select count(*) from pay where {condition}")).await[0][0].clone()
    };
    let minutes = |part: i64, i: i64| (part * 10 * 1440 + i * 97) % 1440;
    let all = || (0..3).flat_map(|part| (0..200).map(move |i| (part, i)));
    let early = all().filter(|(part, i)| minutes(*part, *i) < 720).count();
    assert_eq!(count("at::time < '12:00'").await, early.to_string());
    // 11.50 to 12.49, half away from zero.
    let twelve = all().filter(|(part, i)| (1150..1250).contains(&(part * 1000 + i * 7 - 300))).count();
    assert_eq!(count("amount::numeric(10,0) = 12").await, twelve.to_string());
    let zero = all().filter(|(_, i)| i % 5 == 2).count();
    assert_eq!(count("version::boolean = false").await, zero.to_string());
}

#[tokio::test]
async fn the_first_rows_are_the_first_of_all() {
    let t = filled().await;
    for key in KEYS {
        let sql = format!("select no, district_code from pay order by {key}, no");
        let all = ask(&t.lake, &["city"], &sql).await;
        let first = ask(&t.lake, &["city"], &format!("{sql} limit 7 offset 2")).await;
        assert_eq!(first, all[2..9], "{key}");
    }
}
