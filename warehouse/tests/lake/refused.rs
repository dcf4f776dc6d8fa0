//! What a statement may not do, whoever asks.

use datafusion::common::{ParamValues, ScalarValue};
use futures::TryStreamExt;
use pujiang_warehouse::{ErrorKind, WarehouseError, parse};

use crate::town::*;

#[tokio::test]
async fn only_reading_of_the_catalogs_tables() {
    let t = town().await;
    let session = session(&t, &["city_analyst"], &["city"]).await;
    for sql in [
        "set datafusion.execution.batch_size = 1",
        "set search_path = public",
        "reset all",
        "begin",
        "commit",
        "prepare p as select 1",
        "execute p",
        "deallocate p",
        "declare c cursor for select 1",
        "copy member to '/tmp/x.csv'",
        "copy (select * from member) to '/tmp/x.parquet' stored as parquet",
        "create table x as select * from member",
        "select * into x from member",
        "create view v as select * from member",
        "create function f() returns int return 1",
        "create external table x stored as csv location '/etc/passwd'",
        "insert into member select * from member",
        "delete from member",
        "update member set n = 1",
        "merge into member using unit on true when matched then delete",
        "truncate member",
        "vacuum",
        "analyze member",
        "explain insert into member select * from member",
        "explain analyze create table x as select 1",
        "with x as (insert into member select * from member returning 1) select * from x",
        "select * from '/etc/passwd'",
        "select * from \"/etc/passwd\"",
        "select * from 'file:///etc/passwd'",
        "select * from \"lake://member\"",
        "select * from read_parquet('/tmp')",
        "select * from read_csv('/etc/passwd')",
        "select * from parquet_metadata('x')",
        "select * from range(1, 3)",
        "select * from generate_series(1, 1000000000)",
        "select * from generate_series(1, 1000000000000000000, 7)",
        "select * from generate_series(timestamp '2020-01-01', timestamp '2030-01-01', interval '1 second')",
        "select generate_series(1, 1000000000)",
        "select range(1, 1000000000)",
        "select array_repeat(1, 1000000000)",
        "select * from other.public.member",
        "select * from pujiang.secret.member",
        "select * from pg_catalog.member",
        "select 1; select 2",
        "",
    ] {
        match session.sql(sql).await {
            Ok(answer) => panic!("{sql} was answered: {}", cells(&answer)),
            Err(error) => {
                let kind = error.kind();
                assert!(matches!(kind, ErrorKind::Invalid | ErrorKind::Forbidden), "{sql}: {kind:?} {error}");
            }
        }
    }
}

#[tokio::test]
async fn a_short_series_is_allowed() {
    let t = town().await;
    let session = session(&t, &["city_analyst"], &["city"]).await;
    assert_eq!(ask(&session, "select count(*) from generate_series(1, 1000)").await, "1000");
    assert_eq!(
        ask(
            &session,
            "select sum(s.r) from pg_catalog.generate_series(1, array_upper(array[7,8,9], 1)) as s(r)"
        )
        .await,
        "6"
    );
    assert!(
        ask(&session, "select count(*) from generate_series(1, 100001)").await.contains("generate_series")
    );
}

#[tokio::test]
async fn what_grows_beyond_its_bound_is_refused() {
    let t = town().await;
    let session = session(&t, &["city_analyst"], &["city"]).await;
    assert_eq!(
        ask(&session, "select lpad('7', 3, '0') || rpad('7', 3, '0') || repeat('ab', 2)").await,
        "007700abab"
    );
    // What might be too large by the estimate and is not, is answered.
    let long = "(select repeat('a', 2000) as a from generate_series(1, 5000)) s";
    let careful =
        format!("select max(length(regexp_replace(a, 'a', repeat('b', 50)))), count(*) from {long}");
    assert_eq!(ask(&session, &careful).await, "2049 5000");
    // Slices of one large batch are held once.
    let grouped = "select a.n * 1000 + b.n as k, sum(b.n) as s \
                   from generate_series(1, 1000) a(n), generate_series(1, 1000) b(n) group by 1";
    let windowed = format!("select count(*), max(t) from (select sum(s) over () as t from ({grouped}) g) q");
    assert_eq!(ask(&session, &windowed).await, "1000000 500500000");
    let doubled = |what: &str| {
        let levels: Vec<String> =
            (1..30).map(|n| format!("s{n} as (select {what} as x from s{})", n - 1)).collect();
        format!(
            "with s0 as (select max(id) as x from member), {} select length(x) from s29",
            levels.join(", ")
        )
    };
    let nested =
        (0..8).fold("repeat(id, 700000)".to_owned(), |inner, _| format!("encode({inner}::bytea, 'hex')"));
    for sql in [
        "select repeat('x', 1000000000)".to_owned(),
        "select repeat(id, 1000000000) from member".to_owned(),
        "select lpad(id, 2000000000, '0') from member".to_owned(),
        "select length(replace(repeat('a', 100000), 'a', repeat('b', 100000)))".to_owned(),
        "select length(regexp_replace(repeat('a', 100000), 'a', repeat('b', 100000), 'g'))".to_owned(),
        "select length(array_to_string(string_to_array(repeat('a,', 100000), ','), repeat('b', 100000)))"
            .to_owned(),
        format!("select length({nested}) from member"),
        "select length(format(repeat('%1$s', 10000), repeat('a', 100000)))".to_owned(),
        "select length(json_build_array(repeat(chr(1), 50000000)))".to_owned(),
        "select length(json_build_object('a', json_build_array(repeat('\"', 60000000))))".to_owned(),
        "select max(repeat('a', 250000)), min(repeat('b', 250000)) from member".to_owned(),
        "select count(*) from (values (repeat('a', 250000))) v(t) cross join generate_series(1, 8000) n where t || n <> 'x'"
            .to_owned(),
        "select length(string_agg(repeat('a', 200000), ',')) from generate_series(1, 2000)".to_owned(),
        "select length(string_agg(repeat(id, 20000), ',')) from member cross join generate_series(1, 2000)".to_owned(),
        "select length(concat(repeat('a', 100000000), repeat('a', 100000000)))".to_owned(),
        // Rows and batches that operators keep without asking for memory.
        "select sum(a.n) over (order by b.n rows between unbounded preceding and unbounded following) \
         from generate_series(1, 100000) a(n), generate_series(1, 1000) b(n) limit 1"
            .to_owned(),
        "select max(c) from (select count(*) over (partition by a.n % 2) c \
         from generate_series(1, 100000) a(n), generate_series(1, 1000) b(n)) t"
            .to_owned(),
        doubled("x || x"),
        doubled("concat(x, x)"),
        doubled("concat_ws('-', x, x)"),
        doubled("array_concat(make_array(x), make_array(x))")
            .replace("make_array(x)", "x")
            .replacen("max(id)", "make_array(max(id))", 1)
            .replace("length(x)", "array_length(x)"),
    ] {
        match session.sql(&sql).await {
            Ok(answer) => panic!("{sql:.200} was answered: {:.200}", cells(&answer)),
            Err(error) => assert!(matches!(error, WarehouseError::Limit(_)), "{sql:.200}: {error}"),
        }
    }
}

#[tokio::test]
async fn regular_expressions_are_constants() {
    let t = town().await;
    let session = session(&t, &["city_analyst"], &["city"]).await;
    for condition in
        ["'x' ~ ('\\w{100}' || n)", "regexp_like('x', 'a' || n)", "regexp_replace('x', 'a' || n, 'b') = 'x'"]
    {
        let sql = format!("select count(*) from generate_series(1, 30) as n where {condition}");
        let told = ask(&session, &sql).await;
        assert!(told.contains("每行不同的正则表达式"), "{sql}: {told}");
    }
    let worked_out =
        "select count(*) from generate_series(1, 30) as n where n::text ~ ('^' || lower('1') || '$')";
    assert_eq!(ask(&session, worked_out).await, "1");
}

#[tokio::test]
async fn formats_have_a_longest() {
    let t = town().await;
    let session = session(&t, &["city_analyst"], &["city"]).await;
    for call in ["to_char(now(), f)", "to_char(1, f)", "to_date('2026', f)", "to_char(now(), f || '%Y')"] {
        let sql = format!("select length({call}::text) from (values (repeat('9Y', 1000))) as v(f)");
        let told = ask(&session, &sql).await;
        assert!(told.contains("格式太长"), "{sql}: {told}");
    }
}

/// The names of all functions stand in a reviewed list: one that came with a new release of the engine, or with a new
/// feature of it, is looked at before people can call it (does it read files, does it multiply memory?).
#[tokio::test]
async fn every_function_was_looked_at() {
    let t = town().await;
    let session = session(&t, &["city_analyst"], &["city"]).await;
    let names = "select string_agg(name, ' ' order by name) from (select distinct lower(routine_name) as name from information_schema.routines) r";
    let found = ask(&session, names).await;
    let reviewed: Vec<&str> =
        include_str!("functions.txt").split_whitespace().filter(|w| !w.starts_with('#')).collect();
    let new: Vec<&str> = found.split(' ').filter(|name| !reviewed.contains(name)).collect();
    let gone: Vec<&&str> = reviewed.iter().filter(|name| !found.split(' ').any(|f| f == **name)).collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "review and change functions.txt; new: {}; gone: {gone:?}",
        new.join(" ")
    );
}

#[tokio::test]
async fn a_statement_runs_in_the_session_that_prepared_it() {
    let t = town().await;
    let (city, clerk) =
        (session(&t, &["city_analyst"], &["city"]).await, session(&t, &["city_analyst"], &["310104"]).await);
    let prepare = async || city.prepare(parse("select id from member").unwrap().remove(0)).await.unwrap();
    let none = || ParamValues::List(vec![]);
    let error = clerk.stream(prepare().await, none()).await.map(|_| ()).unwrap_err();
    assert!(matches!(error, WarehouseError::ForeignStatement), "{error}");
    assert!(clerk.answer(prepare().await, Default::default()).await.is_err());
    let answer = city.stream(prepare().await, none()).await.unwrap();
    assert_eq!(answer.tables, ["member"]);
    let rows: Vec<_> = answer.stream.try_collect().await.unwrap();
    assert_eq!(rows.iter().map(arrow::array::RecordBatch::num_rows).sum::<usize>(), 5);
}

#[tokio::test]
async fn parameters_are_values_and_never_text() {
    let t = town().await;
    let session = session(&t, &["city_analyst"], &["city"]).await;
    let count = async |sql: &str, values: Vec<ScalarValue>| {
        let prepared = session.prepare(parse(sql).unwrap().remove(0)).await.unwrap();
        let names: Vec<String> = prepared.parameters().into_iter().map(|(name, _)| name).collect();
        let values = ParamValues::from(values);
        let rows: Vec<arrow::array::RecordBatch> =
            session.stream(prepared, values).await.unwrap().stream.try_collect().await.unwrap();
        (names.join(","), rows.iter().map(arrow::array::RecordBatch::num_rows).sum::<usize>())
    };
    let sql = "select id from member where district_code = $2 and n < $1";
    assert_eq!(count(sql, vec![3_i64.into(), "310104".into()]).await, ("$1,$2".into(), 3));
    assert_eq!(count(sql, vec![3_i64.into(), "310104' or '1'='1".into()]).await.1, 0);
    let prepared = session.prepare(parse(sql).unwrap().remove(0)).await.unwrap();
    assert_eq!(prepared.schema().field(0).name(), "id");
    assert!(session.stream(prepared, ParamValues::List(vec![])).await.is_err(), "values are missing");
}
