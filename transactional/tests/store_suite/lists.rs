//! Lists: filters, search, order and pages.

use pujiang_transactional::engine::{Filter, FilterOp, Sort};
use pujiang_transactional::{ErrorKind, ListQuery};
use serde_json::json;

use crate::support::{Bench, UNIT_A, UNIT_B, faults, on_each};

async fn filled(bench: &Bench) {
    let (a, b) = (bench.merchant("310104", UNIT_A).await, bench.merchant("310105", UNIT_B).await);
    for i in 0..5 {
        bench.card(&format!("310012345678000{i}")).await;
    }
    for (i, (unit, amount, time)) in [
        (&a, "9", "2026-01-02"),
        (&a, "10", "2026-01-01"),
        (&b, "100.5", "2026-01-03"),
        (&b, "10", "2026-01-02"),
        (&a, "2", "2026-02-01"),
    ]
    .into_iter()
    .enumerate()
    {
        let body = json!({"txn_no": format!("N_{i}"), "merchant_id": unit, "card_no": format!("310012345678000{i}"),
            "original_amount": amount, "amount": amount, "pay_time": format!("{time} 10:00:00"), "risk_flagged": i == 2,
            "terminal_id": if i % 2 == 0 { json!(format!("T{i}")) } else { json!(null) }});
        bench.create(&bench.city(), "benefit_transaction", body).await.unwrap();
    }
}

async fn numbers(bench: &Bench, query: ListQuery) -> String {
    let page = bench.engine.list(&bench.city(), "benefit_transaction", &query).await.unwrap();
    let digits: Vec<_> =
        page.items.iter().map(|r| r.body["txn_no"].as_str().unwrap()[2..].to_owned()).collect();
    digits.join("")
}

#[tokio::test]
async fn filters_and_search() {
    on_each(async |bench| {
        filled(&bench).await;
        for (field, op, value, expected) in [
            ("amount", "eq", "10", "13"),
            ("amount", "gte", "10.00", "123"),
            ("amount", "lte", "9.99", "04"),
            ("amount", "in", "2,9", "04"),
            ("pay_time", "gte", "2026-01-02 10:00", "0234"),
            ("pay_time", "lte", "2026-01-02T02:00:00Z", "013"),
            ("district_code", "eq", "310105", "23"),
            ("state", "in", "confirmed,received", "01234"),
            ("state", "eq", "reversed", ""),
            ("risk_flagged", "eq", "true", "2"),
            ("txn_no", "contains", "n_3", "3"),
            ("txn_no", "contains", "%", ""),
            ("card_no", "eq", "3100123456780001", "1"),
            ("card_no", "in", "3100123456780001,3100123456780004", "14"),
            ("category", "eq", "文旅", "01234"),
            ("created_at", "gte", "2020-01-01 00:00", "01234"),
        ] {
            let filters =
                vec![Filter { field: field.into(), op: FilterOp::parse(op).unwrap(), value: value.into() }];
            let query = ListQuery { filters, sort: Some(Sort::parse("txn_no")), ..Default::default() };
            assert_eq!(numbers(&bench, query).await, expected, "{field} {op} {value}");
        }
        for (text, expected) in
            [("N_2", "2"), (UNIT_B, "23"), ("3100123456780004", "4"), ("780004", ""), ("' OR '1'='1", "")]
        {
            let query = ListQuery {
                search: Some(text.into()),
                sort: Some(Sort::parse("txn_no")),
                ..Default::default()
            };
            assert_eq!(numbers(&bench, query).await, expected, "{text}");
        }
    })
    .await;
}

#[tokio::test]
async fn pages_meet_without_gap_or_overlap() {
    on_each(async |bench| {
        filled(&bench).await;
        for (sort, expected) in [
            ("amount", "40132"),
            ("-amount", "23104"),
            ("pay_time", "10324"),
            ("-pay_time", "42301"),
            ("terminal_id", "13024"),
            ("-terminal_id", "42031"),
            ("risk_flagged", "01342"),
            ("-id", "43210"),
            ("created_at", "01234"),
        ] {
            for size in [1, 2, 5] {
                let (mut seen, mut after) = (String::new(), None);
                loop {
                    let query = ListQuery {
                        sort: Some(Sort::parse(sort)),
                        size: Some(size),
                        after,
                        ..Default::default()
                    };
                    let page = bench.engine.list(&bench.city(), "benefit_transaction", &query).await.unwrap();
                    assert_eq!((page.total, page.size), (5, size));
                    seen.extend(
                        page.items.iter().map(|r| r.body["txn_no"].as_str().unwrap()[2..].to_owned()),
                    );
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
                // Records made in one millisecond share created_at; their ids decide, and those are random within it.
                if sort == "created_at" {
                    assert_eq!(seen.len(), 5);
                } else {
                    assert_eq!(seen, expected, "{sort} by {size}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn bad_queries_are_refused_with_their_part() {
    on_each(async |bench| {
        let filter = |field: &str, op, value: &str| ListQuery {
            filters: vec![Filter { field: field.into(), op, value: value.into() }],
            ..Default::default()
        };
        let cases = [
            (filter("nope", FilterOp::Eq, "1"), "filter[nope]:unknown_field"),
            (filter("amount", FilterOp::Eq, "abc"), "filter[amount]:bad_filter"),
            (filter("amount", FilterOp::Contains, "1"), "filter[amount]:bad_filter"),
            (filter("card_no", FilterOp::Gte, "1"), "filter[card_no]:bad_filter"),
            (filter("merchant_id", FilterOp::Eq, "x"), "filter[merchant_id]:bad_filter"),
            (filter("id", FilterOp::Eq, "x"), "filter[id]:bad_filter"),
            (filter("created_at", FilterOp::Gte, "soon"), "filter[created_at]:bad_filter"),
            (filter("txn_no", FilterOp::Eq, "a\u{0}"), "filter[txn_no]:bad_text"),
            (ListQuery { search: Some("\u{0}".into()), ..Default::default() }, "q:bad_text"),
            (ListQuery { sort: Some(Sort::parse("-card_no")), ..Default::default() }, "sort:unknown_field"),
            (
                ListQuery { sort: Some(Sort::parse("amount; drop")), ..Default::default() },
                "sort:unknown_field",
            ),
            (ListQuery { after: Some("zzz".into()), ..Default::default() }, "page[after]:bad_cursor"),
            (ListQuery { size: Some(0), ..Default::default() }, "page[size]:bad_number"),
            (ListQuery { size: Some(5000), ..Default::default() }, "page[size]:bad_number"),
        ];
        for (query, expected) in cases {
            let error = bench.engine.list(&bench.city(), "benefit_transaction", &query).await.unwrap_err();
            assert_eq!((error.kind(), faults(&error)), (ErrorKind::Invalid, vec![expected.to_owned()]));
        }
    })
    .await;
}
