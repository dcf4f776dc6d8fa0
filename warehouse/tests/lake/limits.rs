//! Attack 1 from the other side: what the fence lets through is read, planned, run and dropped on a stack of two megabytes,
//! the smallest there is in the program, and in reasonable time. An error of the engine is an answer; an overflow is not.

use std::time::{Duration, Instant};

use super::support::{lake, principal, upserts};

fn chain(begin: &str, link: &str, times: usize) -> String {
    format!("select {begin}{}", link.repeat(times))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_1_the_largest_allowed_statements_are_survived() {
    let t = lake().await;
    let writer = t.lake.writer("pay").unwrap();
    writer.upsert(upserts(&t.lake, &[("k", "310104", 0, "文旅", "p", 1, 1)]), None).await.unwrap();
    let many = |item: &str, times: usize| vec![item; times].join(", ");
    let statements = vec![
        chain("1", " notnull", 990),
        chain("true", " is not true", 195),
        chain("1", "+1", 128),
        chain("amount", "+amount", 128) + " from pay",
        chain("'a'", "||'a'", 395),
        chain("1", "::int", 395),
        chain("no", "::text::varchar", 190) + " from pay",
        chain("array[1]", "[1]", 395),
        chain("no", ".no", 990) + " from pay",
        chain("at", " at time zone 'UTC'", 240) + " from pay",
        chain("1", " union all select 1", 49),
        chain("1", " intersect select 1", 49),
        format!("select 1 from pay where {}", vec!["no = 'a'"; 195].join(" or ")),
        format!("select 1 from pay where {}", vec!["no like 'a%'"; 195].join(" and ")),
        format!("select case {} end from pay", "when no = 'a' then 1 ".repeat(190)),
        format!("select {}1{}", "(".repeat(29), ")".repeat(29)),
        format!("select {}no{} from pay", "(1 + (2 * ".repeat(14), "))".repeat(14)),
        format!("select 1 from pay where no in ({})", many("'a'", 9_000)),
        format!("select greatest({}) from pay", many("amount", 5_000)),
        format!("select coalesce({}) from pay", many("category", 5_000)),
        format!("select concat({}) from pay", many("no", 5_000)),
        format!("select array[{}] from pay", many("amount", 5_000)),
        format!("select * from (values {}) as v", many("(1)", 4_500)),
        format!("select {} from pay", many("sum(amount) as s", 500)),
        format!("select ({0}) = ({0}) from pay", many("no", 2_000)),
        format!("select ({0}) < ({0}) from pay", many("no", 32)),
        format!("select 1 from pay where (no, k) in ({})", many("('a', 'b')", 2_000)),
        format!("select num_nulls({}) from pay", many("no", 5_000)),
        format!("select make_interval({}) from pay", many("days => 1", 3_000)),
        format!("select no like any (array[{}]) from pay", many("'a%'", 5_000)),
        format!("select 1 from pay a join pay b using ({})", many("no", 2_000)),
        format!("select 1 from pay group by {}", many("no", 2_000)),
        format!("select 1 from pay order by {}", many("no", 2_000)),
        format!("select no from pay {}", "cross join (select 1) ".repeat(15)),
    ];
    for sql in statements {
        let lake = t.lake.clone();
        let shown: String = sql.chars().take(70).collect();
        let begun = Instant::now();
        // On a worker: its stack is the two megabytes.
        let asked = tokio::spawn(async move {
            let session = lake.door().session(&principal(&["city"])).await.unwrap();
            session.sql(&sql).await.map(|answer| answer.batches.len()).map_err(|error| error.to_string())
        });
        let said = asked.await.unwrap();
        let spent = begun.elapsed();
        println!(
            "{spent:>10.1?} {shown} {:?}",
            said.as_ref().map_err(|e| e.chars().take(60).collect::<String>())
        );
        assert!(spent < Duration::from_secs(20), "{shown}: {spent:?}");
    }
}
