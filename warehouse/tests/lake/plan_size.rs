//! Statements that are short and become long: refused before anything optimises them.

use crate::town::{session, town};

/// So many levels, each made of the one before.
fn levels(count: usize, of: impl Fn(usize) -> String, last: &str) -> String {
    let names = (1..=count).map(|level| format!("a{level} as ({})", of(level - 1)));
    let all: Vec<String> = std::iter::once("a0 as (select 1 as x)".to_owned()).chain(names).collect();
    format!("with {} {}", all.join(", "), last.replace('N', &count.to_string()))
}

#[tokio::test]
async fn what_grows_when_it_is_written_out_is_refused() {
    let t = town().await;
    let session = session(&t, &["city_analyst"], &["city"]).await;
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
