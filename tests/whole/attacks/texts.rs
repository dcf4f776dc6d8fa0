//! Attacks 1 and 2: statements whose reading, planning or dropping would overflow the stack or never end.

use std::time::{Duration, Instant};

use pujiang_tests::binary;
use serde_json::json;

use super::place::Place;

/// A refusal on a machine that does other things too; the fence itself takes a few milliseconds.
const AT_ONCE: Duration = Duration::from_millis(400);

fn chain(begin: &str, link: &str, times: usize) -> String {
    format!("select {begin}{}", link.repeat(times))
}

/// What the list names, and other members of the kind.
fn monsters() -> Vec<String> {
    let sum = vec!["1"; 30_000].join("+");
    vec![
        format!("select q'[', {sum}, ']'"),
        format!("select {sum} `"),
        chain("true", " xor true", 7_000),
        chain("1", " notnull", 8_000),
        chain("1", " isnull", 8_000),
        chain("now()", " at time zone 'UTC'", 3_000),
        chain("a", " collate \"C\"", 4_000),
        chain("1", "::int", 9_000),
        chain("true", " is not true", 4_000),
        chain("1", " frobnicate", 5_000),
        chain("a", ".a", 20_000),
        chain("a", "[1]", 15_000),
        chain("1, 2", " union all select 1, 2", 2_500),
        chain("1, 2", " except select 1, 2", 2_500),
        format!("select {}1", "- ".repeat(30_000)),
        format!("select {}", "interval ".repeat(7_000)),
        format!("select {}true", "not ".repeat(15_000)),
        format!("select {}1{}", "(".repeat(30_000), ")".repeat(30_000)),
        format!("select {}'a'{}", "upper(".repeat(32), ")".repeat(32)),
        format!("select case {} end", "when true then 1 ".repeat(3_500)),
        format!("select 1 where {}", vec!["a = 1"; 6_000].join(" or ")),
        format!("select * from t {}", "natural join t ".repeat(4_000)),
        format!("{} select 1", "explain ".repeat(8_000)),
        "/*".repeat(30_000),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_1_over_http() {
    let mut place = Place::new().await;
    let monsters = monsters();
    for (account, path) in [("city", "/api/v1/sql"), ("clerk", "/api/v1/sql"), ("city", "/api/v1/sql/export")]
    {
        let user = place.server.http(account).await;
        let before = place.refused().await;
        for sql in &monsters {
            let shown = &sql[..60.min(sql.len())];
            let begun = Instant::now();
            let body = match path {
                "/api/v1/sql" => json!({ "sql": sql }),
                _ => json!({"sql": sql, "format": "csv"}),
            };
            let answer = user.post(path, &body).await;
            assert_eq!(answer.status, 400, "{shown}: {}", answer.text());
            assert!(begun.elapsed() < AT_ONCE, "{shown}: {:?}", begun.elapsed());
        }
        let on_record = place.refused().await - before;
        assert!(on_record >= monsters.len(), "{path}: {on_record} refusals on record");
    }
    place.answers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_1_over_the_wire() {
    let mut place = Place::new().await;
    let mut monsters = monsters();
    monsters.push(format!("select {} `", vec!["1"; 400_000].join("+")));
    monsters.push(chain("now()", " at time zone 'UTC'", 40_000));
    let before = place.refused().await;
    for sql in &monsters {
        let wire = place.server.wire("clerk").await;
        let shown = &sql[..60.min(sql.len())];
        let begun = Instant::now();
        let simple = wire.simple(sql).await.expect_err(shown);
        assert!(simple.code().is_some_and(|code| code.code().starts_with(['4', '5'])), "{shown}: {simple:?}");
        let extended = wire.extended(sql).await.expect_err(shown);
        assert!(extended.code().is_some(), "the connection goes on: {shown}: {extended:?}");
        assert!(begun.elapsed() < AT_ONCE * 2, "{shown}: {:?}", begun.elapsed());
        assert_eq!(wire.simple("select 2").await.unwrap(), [[Some("2".to_owned())]]);
    }
    assert!(place.refused().await - before >= 2 * monsters.len(), "each is on record");
    place.answers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_1_by_the_command_line() {
    let place = Place::new().await;
    let data = place.folder.path().to_str().unwrap();
    for sql in monsters().iter().step_by(3) {
        let output = binary::run(&["sql", sql, "--as", "city", "--data", data]).unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{}: {text}", &sql[..60.min(sql.len())]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_2_cursors_are_not_parsed_before_the_fence() {
    let mut place = Place::new().await;
    let sum = vec!["1"; 400_000].join("+");
    let short_sum = vec!["1"; 25_000].join("+");
    let calls = format!("{}'a'{}", "upper(".repeat(32), ")".repeat(32));
    let before = place.refused().await;
    let mut asked = 0;
    for query in [&sum, &short_sum, &calls] {
        // Three connections at once: they would take every thread there is.
        let (one, two, three) = (
            place.server.wire("city").await,
            place.server.wire("city").await,
            place.server.wire("clerk").await,
        );
        let sql = format!("begin; declare c cursor for select {query}");
        let begun = Instant::now();
        let refused = tokio::join!(one.simple(&sql), two.simple(&sql), three.simple(&sql));
        assert!(refused.0.is_err() && refused.1.is_err() && refused.2.is_err());
        let extended = format!("declare c cursor for select {query}");
        assert!(place.server.wire("city").await.client().prepare(&extended).await.is_err());
        asked += 4;
        assert!(begun.elapsed() < AT_ONCE * 4, "{:?}", begun.elapsed());
        place.answers().await;
    }
    assert!(place.refused().await - before >= asked, "each is on record");
    // What may be, is: the query is cut out as it was written.
    let wire = place.server.wire("city").await;
    let rows = wire
        .simple("begin; declare \"C\" no scroll cursor for\n /* 注 */ select 'for' as 词; fetch all from \"C\"; commit")
        .await
        .unwrap();
    assert_eq!(rows, [[Some("for".to_owned())]]);
    assert!(place.server.terminate(Duration::from_secs(15)).await, "SIGTERM is heard");
}

/// Attack 16: PostgreSQL says 22P02 for a name that is no number.
#[tokio::test(flavor = "multi_thread")]
async fn attack_16_a_name_that_is_no_number_is_told_so() {
    let mut place = Place::new().await;
    let sql = "select cast(name as int) from district order by name limit 1";
    let wire = place.server.wire("city").await;
    for error in
        [wire.simple(sql).await.expect_err("no number"), wire.extended(sql).await.expect_err("no number")]
    {
        assert_eq!(error.code().map(|code| code.code()), Some("22P02"), "{error:?}");
    }
    let answer = place.server.http("city").await.post("/api/v1/sql", &json!({ "sql": sql })).await;
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (400, Some("invalid_query")),
        "{}",
        answer.text()
    );
    place.answers().await;
}
