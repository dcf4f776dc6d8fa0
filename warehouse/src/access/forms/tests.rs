//! Statements beside what they are written as.

use super::super::parse::unchanged;
use super::*;

fn reformed(sql: &str) -> String {
    let mut statement = unchanged(sql).remove(0);
    match reform(&mut statement, Relations::Data) {
        Ok(()) => statement.to_string(),
        Err(sentence) => format!("! {sentence}"),
    }
}

fn check(sql: &str, want: &str) {
    assert_eq!(reformed(sql), want, "{sql}");
}

#[test]
fn the_first_rows_and_their_peers() {
    check("SELECT a FROM t ORDER BY a FETCH FIRST 3 ROWS ONLY", "SELECT a FROM t ORDER BY a LIMIT 3");
    check("SELECT a FROM t OFFSET 1 FETCH NEXT ROW ONLY", "SELECT a FROM t LIMIT 1 OFFSET 1");
    check(
        "SELECT a AS x, b FROM t ORDER BY x DESC, 2 FETCH FIRST 3 ROWS WITH TIES",
        "SELECT a AS x, b FROM t QUALIFY CAST(rank() OVER (ORDER BY a DESC, b) AS BIGINT) <= 3 ORDER BY x DESC, 2",
    );
    check(
        "SELECT DISTINCT a FROM t ORDER BY a OFFSET 2 FETCH FIRST 3 ROWS WITH TIES",
        "SELECT * FROM (SELECT DISTINCT a FROM t) AS fetched QUALIFY CAST(rank() OVER (ORDER BY a) AS BIGINT) <= (2) + (3) ORDER BY a OFFSET 2",
    );
    assert!(reformed("SELECT a FROM t FETCH FIRST 3 ROWS WITH TIES").starts_with("! "));
    assert!(reformed("SELECT a FROM t ORDER BY a FETCH FIRST 3 PERCENT ROWS ONLY").starts_with("! "));
}

#[test]
fn columns_that_are_joined_by_are_one() {
    check(
        "SELECT k, x FROM a FULL JOIN b USING (k) WHERE k > 1 ORDER BY k",
        "SELECT coalesce(a.k, b.k) AS k, x AS x FROM a FULL JOIN b ON a.k = b.k WHERE coalesce(a.k, b.k) > 1 ORDER BY k",
    );
    check(
        "SELECT * FROM a JOIN b AS c USING (k, l)",
        "SELECT a.k AS k, a.l AS l, a.* EXCEPT (k, l), c.* EXCEPT (k, l) FROM a JOIN b AS c ON (a.k = c.k AND a.l = c.l)",
    );
    check(
        "SELECT sum(x) FROM a LEFT JOIN b USING (k) RIGHT JOIN c USING (k) GROUP BY k ORDER BY k + 1",
        "SELECT sum(x) FROM a LEFT JOIN b ON a.k = b.k RIGHT JOIN c ON a.k = c.k GROUP BY c.k ORDER BY c.k + 1",
    );
    check(
        "SELECT k FROM a JOIN b USING (k) WHERE EXISTS (SELECT 1 FROM d WHERE k = 1)",
        "SELECT a.k AS k FROM a JOIN b ON a.k = b.k WHERE EXISTS (SELECT 1 FROM d WHERE k = 1)",
    );
    check("SELECT k FROM a, b JOIN c USING (k)", "SELECT k FROM a, b JOIN c USING(k)");
}

#[test]
fn what_is_gathered_in_order() {
    check(
        "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY a DESC) FROM t",
        "SELECT percentile_disc_of(array_agg(a), 0.5, 'desc') FROM t",
    );
    check(
        "SELECT mode() WITHIN GROUP (ORDER BY a) FILTER (WHERE b) FROM t",
        "SELECT mode_of(array_agg(a) FILTER (WHERE b), 'asc') FROM t",
    );
    check(
        "SELECT json_agg(a ORDER BY b), json_agg(DISTINCT a), json_object_agg(k, v) FROM t",
        "SELECT json_array_of(array_agg(json_element(a) ORDER BY b)), json_values_of(array_sort(array_agg(DISTINCT a), \
         'ASC', 'NULLS LAST')), json_object_of(array_agg(json_member(k, v))) FROM t",
    );
    check(
        "SELECT array_agg(DISTINCT a ORDER BY a DESC) FROM t",
        "SELECT array_sort(array_agg(DISTINCT a), 'DESC', 'NULLS FIRST') FROM t",
    );
    check(
        "SELECT string_agg(DISTINCT a, ',') FROM t",
        "SELECT array_to_string(array_sort(array_agg(DISTINCT a) FILTER (WHERE a IS NOT NULL), 'ASC', 'NULLS LAST'), ',') FROM t",
    );
    check(
        "SELECT string_agg(a, ',' ORDER BY b DESC) FILTER (WHERE c) FROM t",
        "SELECT array_to_string(array_agg(a ORDER BY b DESC) FILTER (WHERE (c) AND a IS NOT NULL), ',') FROM t",
    );
    assert!(reformed("SELECT string_agg(a, b) FROM t").starts_with("! "));
}

#[test]
fn calls_under_other_names() {
    check(
        "SELECT mod(a, 3), variance(b), age(c) FROM t",
        "SELECT (a % 3), var_samp(b), age(CAST(current_date() AS TIMESTAMP(6)), c) FROM t",
    );
    check("SELECT EXTRACT(YEAR FROM a) FROM t", "SELECT extract('year', a) FROM t");
    check(
        "SELECT cardinality(a), round(a, 2), round(a, b)",
        "SELECT CAST(cardinality(a) AS BIGINT), round(a, 2), round_by(a, b)",
    );
    check("SELECT date_trunc('milliseconds', a)", "SELECT date_trunc('millisecond', a)");
    check("SELECT localtimestamp", "SELECT CAST(now() AS TIMESTAMP(6))");
    assert!(reformed("SELECT jsonb_agg(a) FROM t").starts_with("! "));
}

#[test]
fn names_within_keys_are_columns_that_are_read() {
    check(
        "SELECT code, replace(name, 'x', '') AS name, count(b) FROM t GROUP BY code, name ORDER BY length(name) DESC, name, 1 LIMIT 2",
        "SELECT \"output 1\" AS code, \"output 2\" AS name, \"output 3\" AS \"count(b)\" FROM (SELECT code AS \"output 1\", \
         replace(name, 'x', '') AS \"output 2\", count(b) AS \"output 3\", length(name) AS \"key 1\" FROM t \
         GROUP BY code, name) AS ordered ORDER BY \"key 1\" DESC, \"output 2\", 1 LIMIT 2",
    );
    check(
        "WITH u AS (SELECT 1) SELECT -a AS a FROM u ORDER BY a + 0, b",
        "WITH u AS (SELECT 1) SELECT \"output 1\" AS a FROM (SELECT -a AS \"output 1\", a + 0 AS \"key 1\", \
         b AS \"key 2\" FROM u) AS ordered ORDER BY \"key 1\", \"key 2\"",
    );
    check(
        "SELECT (SELECT -u.a AS a FROM u WHERE u.k = t.k ORDER BY a DESC LIMIT 1) FROM t",
        "SELECT (SELECT first_value(-u.a ORDER BY -u.a DESC) FROM u WHERE u.k = t.k) FROM t",
    );
    for same in [
        "SELECT -a AS a FROM t ORDER BY a",
        "SELECT t.a AS a FROM t ORDER BY a + 0",
        "SELECT b, count(*) AS n FROM t GROUP BY b ORDER BY n * 2",
        "SELECT -a AS b FROM t ORDER BY a + 0",
    ] {
        check(same, same);
    }
    assert!(reformed("SELECT *, -a AS a FROM t ORDER BY a + 0").starts_with("! "));
}

#[test]
fn rows_that_are_null() {
    check("SELECT (a, b) IS NULL FROM t", "SELECT (a IS NULL AND b IS NULL) FROM t");
    check("SELECT ROW(a, 1 + b) IS NOT NULL", "SELECT (a IS NOT NULL AND (1 + b) IS NOT NULL)");
    check("SELECT NOT ((a, b) IS NULL)", "SELECT NOT ((a IS NULL AND b IS NULL))");
    check("SELECT NOT EXISTS (SELECT 1) IS NULL", "SELECT (NOT (EXISTS (SELECT 1) IS NULL))");
    check("SELECT (NOT EXISTS (SELECT 1)) IS NULL", "SELECT (NOT EXISTS (SELECT 1)) IS NULL");
    check("SELECT NOT EXISTS (SELECT 1) AND a", "SELECT NOT EXISTS (SELECT 1) AND a");
}

#[test]
fn groups_are_spelled_out() {
    check(
        "SELECT count(*) FROM t GROUP BY ROLLUP ((a, b), c)",
        "SELECT count(*) FROM t GROUP BY GROUPING SETS ((a, b, c), (a, b), ())",
    );
    check(
        "SELECT count(*) FROM t GROUP BY x, GROUPING SETS (ROLLUP (a), CUBE (b))",
        "SELECT count(*) FROM t GROUP BY GROUPING SETS ((x, a), (x), (x, b), (x))",
    );
    check("SELECT count(*) FROM t GROUP BY ()", "SELECT count(*) FROM t GROUP BY GROUPING SETS (())");
    check("SELECT a, b AS c FROM t GROUP BY CUBE (1, 2)", "SELECT a, b AS c FROM t GROUP BY CUBE (a, b)");
    check("SELECT a FROM t GROUP BY ROLLUP (a), b", "SELECT a FROM t GROUP BY ROLLUP (a), b");
    assert!(reformed("SELECT * FROM t GROUP BY CUBE (1)").starts_with("! "));
    let units = ["(a, b)"; 9].join(", ");
    assert!(reformed(&format!("SELECT 1 FROM t GROUP BY CUBE ({units})")).starts_with("! "));
}

#[test]
fn digits_of_a_second_and_places_of_a_list() {
    check("SELECT a::TIMESTAMP(0)", "SELECT second_digits(CAST(a AS TIMESTAMP(6)), 0)");
    check("SELECT TIME(2) '08:30:00.126'", "SELECT second_digits(CAST('08:30:00.126' AS TIME), 2)");
    check("SELECT a::TIME(6), b::TIMESTAMP(6)", "SELECT a::TIME, b::TIMESTAMP(6)");
    check("SELECT a[2:], a[:3]", "SELECT a[2:2147483647], a[1:3]");
    assert!(reformed("SELECT 'NaN'::NUMERIC").starts_with("! "));
    assert!(reformed("SELECT a FROM t LIMIT (SELECT 3)").starts_with("! "));
}

#[test]
fn series_have_the_name_they_are_given() {
    check("SELECT n FROM generate_series(1, 5) AS n", "SELECT n FROM generate_series(1, 5) AS n (n)");
    check("SELECT n.value FROM generate_series(1, 5) AS n", "SELECT n.value FROM generate_series(1, 5) AS n");
    check("SELECT x FROM unnest(ARRAY[1, 2]) AS x", "SELECT x FROM UNNEST(ARRAY[1, 2]) AS x (x)");
    check(
        "SELECT generate_series(1, 3) AS n",
        "SELECT generate_series AS n FROM generate_series(1, 3) AS generate_series (generate_series)",
    );
}

#[test]
fn sub_queries_that_give_one_row() {
    check(
        "SELECT (SELECT d.name FROM district AS d WHERE d.code = t.code) FROM t",
        "SELECT (SELECT at_most_one(first_value(d.name), count(*)) FROM district AS d WHERE d.code = t.code) FROM t",
    );
    check(
        "SELECT (SELECT u.a FROM u WHERE u.k = t.k ORDER BY u.b DESC LIMIT 1) FROM t",
        "SELECT (SELECT first_value(u.a ORDER BY u.b DESC) FROM u WHERE u.k = t.k) FROM t",
    );
    for same in [
        "SELECT (SELECT max(u.a) FROM u WHERE u.k = t.k) FROM t",
        "SELECT (SELECT a FROM u) FROM t",
        "SELECT (SELECT count(*) FROM u WHERE u.k = t.k) FROM t",
    ] {
        check(same, same);
    }
}

#[test]
fn comparisons_with_all_rows_of_a_query() {
    check("SELECT a = ANY (SELECT b FROM u) FROM t", "SELECT a IN (SELECT b FROM u) FROM t");
    check("SELECT a <> ALL (SELECT b FROM u) FROM t", "SELECT a NOT IN (SELECT b FROM u) FROM t");
    check(
        "SELECT a < ANY (SELECT b FROM u) FROM t",
        "SELECT CASE WHEN (a < (SELECT max(v) FROM (SELECT b FROM u) AS quantified (v))) THEN true \
         WHEN (SELECT count(*) > count(v) FROM (SELECT b FROM u) AS quantified (v)) \
         OR (SELECT count(*) > 0 FROM (SELECT b FROM u) AS quantified (v)) AND a IS NULL THEN NULL ELSE false END FROM t",
    );
}

#[test]
fn operators_and_rows() {
    check(
        "SELECT a ^@ 'x', ~a, |/ a FROM t",
        "SELECT starts_with(a, 'x'), (-1 - a), sqrt(CAST(a AS DOUBLE)) FROM t",
    );
    check("SELECT (a, b) = (1, 2) FROM t", "SELECT ((a = 1) AND (b = 2)) FROM t");
    check("SELECT (a, b) <= (1, 2) FROM t", "SELECT ((a < 1) OR ((a = 1) AND (b <= 2))) FROM t");
    check(
        "SELECT (a, b) NOT IN ((1, 2), (3, 4)) FROM t",
        "SELECT (((a <> 1) OR (b <> 2)) AND ((a <> 3) OR (b <> 4))) FROM t",
    );
    check("SELECT a LIKE ANY (ARRAY['x%']) FROM t", "SELECT any_of('LIKE', a, ARRAY['x%']) FROM t");
    check("SELECT a NOT ILIKE ALL (ARRAY['x%']) FROM t", "SELECT all_of('NOT ILIKE', a, ARRAY['x%']) FROM t");
    assert!(reformed("SELECT (a, b) = (1, 2, 3) FROM t").starts_with("! "));
    let row = vec!["a"; 33].join(", ");
    assert!(reformed(&format!("SELECT ({row}) = ({row}) FROM t")).starts_with("! "));
}

#[test]
fn calls_in_other_words() {
    check(
        "SELECT date(a), num_nulls(a, 1) FROM t",
        "SELECT (CAST(a AS DATE)), (CASE WHEN a IS NULL THEN 1 ELSE 0 END + CASE WHEN 1 IS NULL THEN 1 ELSE 0 END) FROM t",
    );
    check("SELECT substring(a FROM '^x') FROM t", "SELECT (regexp_match(a, '^x'))[1] FROM t");
    check(
        "SELECT make_interval(months => 2, hours => a) FROM t",
        "SELECT ((INTERVAL '0 days' + INTERVAL '1 month' * 2) + INTERVAL '1 hour' * a) FROM t",
    );
    check(
        "SELECT x FROM string_to_table('a,b', ',') AS x",
        "SELECT x FROM UNNEST(string_to_array('a,b', ',')) AS x (x)",
    );
    for wrong in ["eons => 2", "days => 1, days => 2", "1, 2, 3, 4, 5, 6, 7, 8", "1, years => 2"] {
        assert!(reformed(&format!("SELECT make_interval({wrong})")).starts_with("! "), "{wrong}");
    }
    check(
        "SELECT lead(a, 1, b) OVER (ORDER BY c) FROM t",
        "SELECT CASE WHEN lead(true, 1) OVER (ORDER BY c) THEN lead(a, 1) OVER (ORDER BY c) ELSE b END FROM t",
    );
}

#[test]
fn what_is_written_several_times_does_not_grow_with_its_depth() {
    let nested = |before: &str, inner: &str, after: &str, times: usize| {
        format!("SELECT {}{inner}{} FROM t", before.repeat(times), after.repeat(times))
    };
    for sql in [
        nested("date_trunc('day', ", "a", ", 'UTC')", 14),
        nested("date_trunc('decade', ", "a", ")", 14),
        nested("((", "a", ", 1) < (2, 3))", 12),
        nested("((", "a", ", 1) IN ((1, 2), (3, 4), (5, 6), (7, 8)))", 10),
        nested("(1 > ANY (SELECT a FROM t WHERE ", "true", "))", 10),
        nested("lead(1, ", "1", ", 2) OVER ()", 14),
    ] {
        // The fence may refuse it before, which is as good.
        let Ok(statements) = super::super::parse::parse(&sql) else { continue };
        let bytes: usize = statements.iter().map(|statement| statement.to_string().len()).sum();
        assert!(bytes < 100_000, "{sql}: {bytes} bytes");
    }
}

#[test]
fn what_would_be_ignored_is_refused() {
    for sql in [
        "SELECT * FROM t TABLESAMPLE BERNOULLI (10)",
        "SELECT * FROM generate_series(1, 3) WITH ORDINALITY",
        "SELECT * FROM t FOR UPDATE",
        "SELECT json_agg(t) FROM (SELECT 1 AS a) AS t",
    ] {
        assert!(reformed(sql).starts_with("! "), "{sql}");
    }
    check(
        "SELECT DISTINCT ON (a) a, b FROM t ORDER BY a, a, b",
        "SELECT DISTINCT ON (a) a, b FROM t ORDER BY a, b",
    );
}
