//! What a random statement may read: tables of the lake, whose rows are in `rows`, and lists of rows written in the
//! statement, for types that no table has.

/// Something that stands in FROM.
#[derive(Debug)]
pub struct Relation {
    /// The table, or the rows in brackets.
    pub text: &'static str,
    /// Names of the columns where they have to be told.
    pub named: &'static str,
    /// A column that tells its rows apart.
    pub key: &'static str,
    /// Columns, each with the section of the grammar it can stand for.
    pub columns: &'static [(&'static str, &'static str)],
}

/// Tables of the lake. `int` columns hold the least and the greatest number there is; `sint` columns small ones.
pub const TABLES: [Relation; 5] = [
    Relation {
        text: "benefit_transaction",
        named: "",
        key: "txn_no",
        columns: &[
            ("txn_no", "text"),
            ("pay_time", "time"),
            ("loaded_at", "time"),
            ("category", "text"),
            ("mode", "text"),
            ("place_code", "text"),
            ("state", "text"),
            ("original_amount", "num"),
            ("discount", "num"),
            ("amount", "num"),
            ("record_version", "int"),
        ],
    },
    Relation {
        text: "organization",
        named: "",
        key: "id",
        columns: &[
            ("name", "text"),
            ("org_type", "text"),
            ("address", "text"),
            ("founded_on", "day"),
            ("updated_at", "time"),
            ("row_version", "sint"),
        ],
    },
    Relation {
        text: "benefit_service",
        named: "",
        key: "id",
        columns: &[
            ("is_hot", "bool"),
            ("mode", "text"),
            ("category", "text"),
            ("discount_note", "text"),
            ("row_version", "sint"),
            ("updated_at", "time"),
        ],
    },
    Relation {
        text: "service_point",
        named: "",
        key: "id",
        columns: &[
            ("longitude", "num"),
            ("latitude", "num"),
            ("open_hours", "text"),
            ("category", "text"),
            ("row_version", "sint"),
        ],
    },
    Relation {
        text: "state_event",
        named: "",
        key: "event_key",
        columns: &[
            ("delta", "int"),
            ("occurred_at", "time"),
            ("resource", "text"),
            ("category", "text"),
            ("mode", "text"),
        ],
    },
];

/// Rows written in the statement.
pub const LISTS: [Relation; 4] = [
    Relation {
        text: "(values (1, 0.5::float8, 1.5, 'a'), (2, null, 2.2, '浦东'), (3, -2.5::float8, null, null), (4, 2.5::float8, 0.1, ''))",
        named: "(k, f, n, w)",
        key: "k",
        columns: &[("k", "sint"), ("f", "flo"), ("n", "num"), ("w", "text")],
    },
    Relation {
        text: "(values (1, 12345678901234567890.12::decimal(22,2), 0.000001::decimal(10,6), 9223372036854775807), \
               (2, -0.01, null, -9223372036854775807), (3, null, -0.500000, null), (4, 0.00, 3.141593, 0))",
        named: "(k, big, tiny, i)",
        key: "k",
        columns: &[("k", "sint"), ("big", "num"), ("tiny", "num"), ("i", "int")],
    },
    Relation {
        text: "(values (1, date '2024-02-29', timestamptz '2026-10-01 00:30:00+08', interval '1 month 2 days'), \
               (2, null, timestamptz '2025-12-31 16:00:00+00', interval '-90 minutes'), \
               (3, date '2026-12-31', null, null), (4, date '2021-01-03', timestamptz '2020-12-31 23:59:59.5+08', interval '1 day'))",
        named: "(k, d, z, p)",
        key: "k",
        columns: &[("k", "sint"), ("d", "day"), ("z", "zoned"), ("p", "span")],
    },
    Relation {
        text: "(values (1, true, array[1,2,null], array['餐饮','a,b']), (2, null, array[3], null), \
               (3, false, null, array['x',null]), (4, true, array[2,2], array['']))",
        named: "(k, b, l, m)",
        key: "k",
        columns: &[("k", "sint"), ("b", "bool"), ("l", "ints"), ("m", "texts")],
    },
];
