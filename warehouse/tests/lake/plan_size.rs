//! Statements that are short and become long: refused before anything optimises them.

use pujiang_warehouse::WarehouseError;

use crate::town::{session, town};

const CITY: &[&str] = &["city_analyst"];

/// So many levels, each made of the one before.
fn levels(count: usize, of: impl Fn(usize) -> String, last: &str) -> String {
    let names = (1..=count).map(|level| format!("a{level} as ({})", of(level - 1)));
    let all: Vec<String> = std::iter::once("a0 as (select 1 as x)".to_owned()).chain(names).collect();
    format!("with {} {}", all.join(", "), last.replace('N', &count.to_string()))
}

#[tokio::test]
async fn what_grows_when_it_is_written_out_is_refused() {
    let t = town().await;
    let session = session(&t, CITY, &["city"]).await;
    let doubled = |count| {
        levels(
            count,
            |below| format!("select x + x as x from a{below}"),
            "select count(*) from aN where x > 0",
        )
    };
    let joined = |count| {
        let of = |below| format!("select a.x from a{below} a join a{below} b on a.x = b.x");
        levels(count, of, "select count(*) from aN")
    };
    let cube = |columns: usize| {
        let names: Vec<String> = (0..columns).map(|column| format!("c{column}")).collect();
        let cells: Vec<String> = (0..columns).map(|column| column.to_string()).collect();
        let (names, cells) = (names.join(", "), cells.join(", "));
        format!("select count(*) from (values ({cells})) v({names}) group by cube ({names})")
    };
    for (sql, refused) in [
        (doubled(8), None),
        (doubled(16), Some("展开后太长")),
        (joined(4), None),
        (joined(8), Some("个连接")),
        (cube(6), None),
        (cube(7), Some("种分组")),
        (
            format!(
                "select row_number() over (partition by {}) from (values (1)) v(x)",
                vec!["x"; 6000].join(", ")
            ),
            None,
        ),
    ] {
        let said = match session.sql(&sql).await {
            Ok(_) => None,
            Err(error) => Some(error.to_string()),
        };
        match refused {
            None => assert_eq!(said, None, "{sql:.90}"),
            Some(word) => {
                assert!(said.as_ref().is_some_and(|said| said.contains(word)), "{sql:.90}: {said:?}")
            }
        }
    }
}

/// Attack 1: a semi join of rows that all have one key looks at ten thousand million pairs and gives none on before it has
/// seen them. Who does not wait any longer is free at once, and others are served meanwhile.
#[tokio::test]
async fn attack_1_pairs_without_rows_listen_to_a_deadline() {
    let t = town().await;
    let session = session(&t, CITY, &["city"]).await;
    let sql = "with s as (select x, x % 1 as k from generate_series(1, 99000) t(x)) \
               select count(*) from (select array_agg(b.x) from s a join s b on a.k = b.k group by a.x) q";
    let begun = std::time::Instant::now();
    let ended = tokio::time::timeout(std::time::Duration::from_secs(1), session.sql(sql)).await;
    assert!(ended.is_err(), "{:?}", ended.map(|answer| answer.map(|_| ())));
    assert!(begun.elapsed() < std::time::Duration::from_secs(4), "{:?}", begun.elapsed());
}

/// Attack 1: a join without keys looks at all pairs in one go. Others are served meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn attack_1_pairs_without_keys_leave_others_their_turn() {
    let t = town().await;
    let session = session(&t, CITY, &["city"]).await;
    let series = "select x * y as x from generate_series(1, 160) a(x), generate_series(1, 160) b(y)";
    let sql = format!("select count(*) from ({series}) p join ({series}) q on p.x + q.x < 0");
    // The only worker is busy; the question is its task.
    let asked = tokio::spawn(async move { session.sql(&sql).await.map(|_| ()) });
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let begun = std::time::Instant::now();
    tokio::spawn(async {}).await.expect("a turn");
    assert!(begun.elapsed() < std::time::Duration::from_secs(1), "{:?}", begun.elapsed());
    assert!(!asked.is_finished());
    asked.abort();
}

/// Attack 1: lists that grow from row to row, and lists that are written anew for each row they are joined with.
#[tokio::test]
async fn attack_1_lists_are_counted() {
    let t = town().await;
    let session = session(&t, CITY, &["city"]).await;
    let series = |rows: usize| {
        format!("(select x::text || repeat('-', 40) as x from generate_series(1, {rows}) t(x)) s")
    };
    let long = series(20_000);
    let list = format!("(select array_agg(x) as l from {}) a", series(20_000));
    for sql in [
        format!("select max(cardinality(l)) from (select array_agg(x) over (order by x) as l from {long}) q"),
        format!(
            "select max(length(l)) from (select string_agg(x, ',') over (order by x) as l from {long}) q"
        ),
        format!("select max(cardinality(l)) from (select array_agg(x) over () as l from {long}) q"),
        format!("select max(cardinality(array_remove(a.l, s.x))) from {list} cross join {long}"),
        format!("select max(cardinality(array_append(a.l, s.x))) from {list} cross join {long}"),
        format!("select max(cardinality(array_cat(a.l, a.l))) from {list} cross join {long}"),
    ] {
        let told = session.sql(&sql).await;
        assert!(matches!(told, Err(WarehouseError::Limit(_))), "{sql}: {:?}", told.map(|_| ()));
    }
    let small = format!("select array_agg(x) over (order by x) from {}", series(300));
    let told = session.sql(&small).await;
    assert!(told.is_ok(), "{:?}", told.map(|_| ()));
}
