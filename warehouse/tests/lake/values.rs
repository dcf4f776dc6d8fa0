//! PostgreSQL's values for PostgreSQL's words: every statement of `postgresql.txt` gives what PostgreSQL gave.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Decimal256Type};
use pujiang_warehouse::{Answer, ScopedSession, written};

use crate::town::{ask, session, town};

/// The statements of a section with what PostgreSQL answered.
fn cases(section: &str) -> Vec<(&'static str, &'static str)> {
    let lines = include_str!("postgresql.txt").lines();
    let mut section = lines.skip_while(|line| line.strip_prefix("# ") != Some(section)).skip(1);
    let mut found = Vec::new();
    while let Some(sql) = section.next().filter(|line| !line.starts_with('#')) {
        found.push((sql, section.next().and_then(|line| line.strip_prefix("= ")).expect("an answer")));
    }
    assert!(found.len() > 3, "{section:?} is missing");
    found
}

/// Asks all statements of a section and tells all that differ.
async fn check(section: &str) {
    let t = town().await;
    let session = session(&t, &["city_analyst"], &["city"]).await;
    let mut differ = Vec::new();
    for (sql, expected) in cases(section) {
        let found = told(&session, sql).await;
        if !is_same(&found, expected) {
            differ.push(format!("{sql}\n  PostgreSQL {expected}\n  here       {found}"));
        }
    }
    assert!(differ.is_empty(), "{} differ:\n{}", differ.len(), differ.join("\n"));
}

async fn told(session: &ScopedSession, sql: &str) -> String {
    match session.sql(sql).await {
        Ok(answer) => rows(&answer).join("; "),
        Err(error) => {
            let text = format!("{error} {:?}", std::error::Error::source(&error));
            let code = [
                ("ivide by zero", "22012"),
                ("verflow", "22003"),
                ("value out of range", "22003"),
                ("Can't cast value", "22003"),
                ("is too large to store", "22003"),
                ("is too small to store", "22003"),
                ("is out of range", "22003"),
            ];
            let code =
                code.iter().find(|(part, _)| text.contains(part)).map(|(_, code)| format!("error {code}"));
            code.unwrap_or_else(|| format!("error {text}"))
        }
    }
}

fn rows(answer: &Answer) -> Vec<String> {
    let mut rows = Vec::new();
    for batch in &answer.batches {
        for row in 0..batch.num_rows() {
            rows.push(batch.columns().iter().map(|column| cell(column, row)).collect::<Vec<_>>().join(" "));
        }
    }
    rows
}

fn cell(column: &ArrayRef, row: usize) -> String {
    if column.is_null(row) {
        return "∅".to_owned();
    }
    match column.data_type() {
        DataType::Boolean => if column.as_boolean().value(row) { "t" } else { "f" }.to_owned(),
        DataType::Decimal256(..) => written(column.as_primitive::<Decimal256Type>(), row),
        kind => {
            let text = cast(column, &DataType::Utf8).unwrap().as_string::<i32>().value(row).to_owned();
            if matches!(kind, DataType::Timestamp(..)) { text.replace('T', " ") } else { text }
        }
    }
}

/// Numbers without the zeros behind the point.
fn is_same(found: &str, expected: &str) -> bool {
    let plain = |text: &str| -> String {
        let bare = |word: &str| -> String {
            let digits = word.trim_end_matches(';');
            match digits.parse::<f64>() {
                Ok(_) if digits.contains('.') => {
                    word.replace(digits, digits.trim_end_matches('0').trim_end_matches('.'))
                }
                Ok(number) if number.is_infinite() => word.replace(digits, &number.to_string()),
                _ => word.to_owned(),
            }
        };
        text.split(' ').map(bare).collect::<Vec<_>>().join(" ")
    };
    plain(found) == plain(expected)
}

#[tokio::test]
async fn right_answer_1b_two_series_of_one_statement_are_two() {
    check("right_answer_1b").await;
}

#[tokio::test]
async fn right_answer_4_arrays_compare_with_nulls_and_quotes() {
    check("right_answer_4").await;
}

#[tokio::test]
async fn right_answer_5_numbers_with_a_point_are_decimals() {
    check("right_answer_5").await;
}

#[tokio::test]
async fn right_answer_6_whole_numbers_do_not_wrap() {
    check("right_answer_6").await;
}

#[tokio::test]
async fn right_answer_7_decimals_become_whole_numbers_by_rounding() {
    check("right_answer_7").await;
}

#[tokio::test]
async fn right_answer_8_not_in_knows_what_it_does_not_know() {
    check("right_answer_8").await;
}

#[tokio::test]
async fn right_answer_9_patterns_copies_lengths_and_collations() {
    check("right_answer_9").await;
}

#[tokio::test]
async fn right_answer_10_quotients_and_means_have_postgresqls_digits() {
    check("right_answer_10").await;
}

#[tokio::test]
async fn right_answer_23_sub_queries_in_the_select_list() {
    check("right_answer_23").await;
}

#[tokio::test]
async fn right_answer_41_a_group_that_took_no_part_keeps_its_place() {
    check("right_answer_41").await;
}

#[tokio::test]
async fn right_answer_42_regular_expressions_know_every_alphabet() {
    check("right_answer_42").await;
}

#[tokio::test]
async fn right_answer_43_names_within_keys_are_columns_that_are_read() {
    check("right_answer_43").await;
}

#[tokio::test]
async fn right_answer_44_rows_are_null_when_all_values_are() {
    check("right_answer_44").await;
}

#[tokio::test]
async fn right_answer_45_not_exists_denies_what_is_asked_of_exists() {
    check("right_answer_45").await;
}

#[tokio::test]
async fn right_answer_46_lists_lose_null_and_show_the_texts_of_values() {
    check("right_answer_46").await;
}

#[tokio::test]
async fn right_answer_47_signs_of_spans_may_stand_apart() {
    check("right_answer_47").await;
}

#[tokio::test]
async fn right_answer_48_groups_of_several_columns_and_of_none() {
    check("right_answer_48").await;
}

#[tokio::test]
async fn right_answer_49_digits_of_a_second_and_ends_of_texts() {
    check("right_answer_49").await;
}

#[tokio::test]
async fn right_answer_50_spans_are_in_order_of_their_lengths() {
    check("right_answer_50").await;
}

#[tokio::test]
async fn right_answer_51_whole_numbers_written_out_are_of_four_bytes() {
    check("right_answer_51").await;
}

#[tokio::test]
async fn right_answer_52_floats_beside_decimals_in_rows_and_unions() {
    check("right_answer_52").await;
}

#[tokio::test]
async fn right_answer_53_nullif_gives_its_first_value_as_it_is() {
    check("right_answer_53").await;
}

#[tokio::test]
async fn right_answer_54_a_query_for_one_value_may_have_no_row() {
    check("right_answer_54").await;
}

#[tokio::test]
async fn right_answer_55_what_is_ordered_by_may_ask_a_query() {
    check("right_answer_55").await;
}

#[tokio::test]
async fn right_answer_56_numbers_are_read_and_written_in_all_forms() {
    check("right_answer_56").await;
}

#[tokio::test]
async fn right_answer_57_joins_by_a_shared_column_and_everyday_casts() {
    check("right_answer_57").await;
}

#[tokio::test]
async fn right_answer_58_texts_beside_values_lists_and_kept_orders() {
    check("right_answer_58").await;
}

/// What cannot be told to the engine is refused in a sentence, and not in the engine's words.
#[tokio::test]
async fn right_answer_42_what_is_no_pattern_is_told() {
    let t = town().await;
    let session = session(&t, &["city_analyst"], &["city"]).await;
    for (sql, says) in [
        (r"select id ~ '(a)\1' from member", "反向引用"),
        ("select id ~ 'a(?=b)' from member", "前后查看"),
        ("select regexp_replace(id, '(?<!a)b', '') from member", "前后查看"),
        ("select id ~ '(a' from member", "正则表达式不成立"),
        ("select id ~ '[[:foo:]]' from member", "正则表达式不成立"),
        ("select id ~ ('[' || 'a') from member", "正则表达式不成立"),
        (r"select regexp_match(id, '\q') from member", "正则表达式不成立"),
        ("select regexp_match(id, 'm', 'g') from member", "不支持选项 g"),
        ("select note::json ->> 'a' from member", "json"),
        ("select id from member limit (select 3)", "LIMIT"),
        ("select id from member where n > 'NaN'::numeric", "不支持 numeric"),
        ("select *, n + 1 as n from member order by n * 2", "ORDER BY"),
    ] {
        let answer = told(&session, sql).await;
        assert!(answer.starts_with("error") && answer.contains(says), "{sql}: {answer}");
    }
}

/// Pairs of statements that differ in one token. Each is asked alone, when the other's answer may be kept, and beside the
/// other in one statement.
#[tokio::test]
async fn right_answer_1_a_kept_answer_is_never_another_questions() {
    let t = town().await;
    let session = session(&t, &["city_analyst"], &["city"]).await;
    for (one, other, first, second) in [
        ("sum(x) from generate_series(1, 5) t(x)", "sum(x) from generate_series(1, 10) t(x)", "15", "55"),
        ("sum(x) from generate_series(1, 5) t(x)", "sum(x) from generate_series(2, 5) t(x)", "15", "14"),
        (
            "sum(x) from generate_series(1, 9, 2) t(x)",
            "sum(x) from generate_series(1, 9, 4) t(x)",
            "25",
            "15",
        ),
        ("count(*) from generate_series(1, 5)", "count(*) from generate_series(1, 6)", "5", "6"),
        (
            "sum(x) from generate_series(1, 3) t(x), member",
            "sum(x) from generate_series(1, 4) t(x), member",
            "30",
            "50",
        ),
        (
            "count(*) from member where n in (select x from generate_series(1, 1) t(x))",
            "count(*) from member where n in (select x from generate_series(1, 2) t(x))",
            "1",
            "2",
        ),
        (
            "sum(x) from (values (1), (2)) t(x), member",
            "sum(x) from (values (1), (3)) t(x), member",
            "15",
            "20",
        ),
        (
            "sum(x) from unnest(array[1, 2]) t(x), member",
            "sum(x) from unnest(array[1, 3]) t(x), member",
            "15",
            "20",
        ),
        (
            "sum(x) from member, (with recursive r(x) as (select 1 union all select x + 1 from r where x < 3) select x from r) r",
            "sum(x) from member, (with recursive r(x) as (select 1 union all select x + 1 from r where x < 4) select x from r) r",
            "30",
            "50",
        ),
        (
            "count(*) from pg_get_keywords() where word < 'b'",
            "count(*) from pg_get_keywords() where word > 'b'",
            "",
            "",
        ),
        ("max(1.5) from member", "max(1.50) from member", "1.5", "1.50"),
        (
            "count(*) from member where id = any('{m1}')",
            "count(*) from member where id = any('{m1,m2}')",
            "1",
            "2",
        ),
        ("max(id::varchar(1)) from member", "max(id::varchar(2)) from member", "m", "m5"),
        ("round(avg(n), 1) from member", "round(avg(n), 2) from member", "1.4", "1.40"),
    ] {
        let (one, other) = (format!("select {one}"), format!("select {other}"));
        let alone = [told(&session, &one).await, told(&session, &other).await];
        let again = [told(&session, &one).await, told(&session, &other).await];
        assert_eq!(alone, again, "{one}");
        if !first.is_empty() {
            assert_eq!(alone, [first, second], "{one}");
        }
        let beside = told(&session, &format!("select ({one}) as a, ({other}) as b")).await;
        assert_eq!(beside, alone.join(" "), "{one}");
    }
    // Differ in types only.
    assert_eq!(ask(&session, "select sum(x) from generate_series(1, 3::bigint) t(x)").await, "6");
}

/// What the engine would answer wrongly is refused.
#[tokio::test]
async fn right_answer_8_shapes_that_cannot_be_right_are_refused() {
    let t = town().await;
    let session = session(&t, &["city_analyst"], &["city"]).await;
    for within in [
        "o.n in (select count(*) from member i where i.n = o.n)",
        "exists (select max(i.n) from member i where i.n = o.n)",
        "o.n in (select r from (select row_number() over () as r, i.n from member i where i.n = o.n) s)",
        "exists (select 1 from member i where i.n = o.n offset 1)",
        "exists (select 1 from unit u left join (select * from member i where i.n = o.n) s on true)",
    ] {
        let answer = ask(&session, &format!("select id from member o where {within}")).await;
        assert!(answer.starts_with("error"), "{within}: {answer}");
    }
}

#[tokio::test]
async fn found_2026_11_29_casts_digits_ordinals_and_names() {
    check("found_2026_11_29").await;
}

#[tokio::test]
async fn decimals_beyond_their_digits_fail() {
    let t = town().await;
    let session = session(&t, &["city_analyst"], &["city"]).await;
    for sql in [
        "select 1.0000000000000000001 * 1.0000000000000000001",
        "select 99999999999999999999999999999999999999::numeric + 1",
        "select -99999999999999999999999999999999999999::numeric - x from (values (1), (2)) t(x)",
    ] {
        assert_eq!(told(&session, sql).await, "error 22003", "{sql}");
    }
}
