//! sqlsmith asks what no person would: random statements over all tables as a district clerk and as a street clerk, on
//! demonstration data with a canary in every text that they may not see. A tee on the wire looks for it. The server must
//! live, stay small and call nothing its own defect. `PUJIANG_SQLSMITH_SECONDS` says how long; scripts/sqlsmith.sh: 600.

use std::process::Stdio;
use std::time::{Duration, Instant};

use pujiang_security::Assignment;
use pujiang_tests::binary;

use super::place::{CANARY, CANARY_OF_NEIGHBOUR, Hidden, plant};
use super::tee::Tee;
use crate::server::{PASSWORD, Person, Server, create};

/// More than the engine may use for queries, with what a server holds anyway.
const MOST_MEMORY: u64 = 2 << 30;

fn seconds() -> u64 {
    std::env::var("PUJIANG_SQLSMITH_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(20)
}

/// Resident bytes of a process; 0 when it has ended.
fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) * 1024
}

#[tokio::test(flavor = "multi_thread")]
async fn random_statements_find_no_hidden_row_and_no_defect() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut demo = binary::command(&["demo", "--data", data.to_str().unwrap(), "--scale", "0.002"]).unwrap();
    assert!(demo.env("PUJIANG_DEMO_PASSWORD", PASSWORD).output().unwrap().status.success());
    let street = Person {
        account: "smith".to_owned(),
        roles: vec!["street_clerk".into()],
        assignments: vec![Assignment::parse("street:310104003").unwrap()],
    };
    create(&data, &[street]).await;
    plant(&data, Hidden { next_street: 30, next_district: 30 }).await;
    let server = Server::start(&data).await;
    let before = resident(server.process());

    for (account, canary) in [("d310104", CANARY_OF_NEIGHBOUR), ("smith", CANARY)] {
        let tee = Tee::start(server.postgres(), canary).await;
        let target = format!(
            "host=127.0.0.1 port={} user={account} password={PASSWORD} dbname=pujiang sslmode=disable",
            tee.address.port()
        );
        let mut sqlsmith = tokio::process::Command::new("sqlsmith");
        sqlsmith.arg(format!("--target={target}")).arg("--exclude-catalog").arg("--seed=20261122");
        sqlsmith.stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = sqlsmith.spawn().expect("sqlsmith is missing; scripts/setup.sh test installs it");
        let until = Instant::now() + Duration::from_secs(seconds().div_ceil(2));
        let mut most = 0;
        while Instant::now() < until && child.try_wait().unwrap().is_none() {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let now = resident(server.process());
            assert!(now > 0, "the server ended:\n{}", server.log());
            most = most.max(now);
        }
        let ended = child.try_wait().unwrap();
        let _ = child.kill().await;
        let said = child.wait_with_output().await.map(|output| output.stderr).unwrap_or_default();
        let passed = tee.passed();
        println!(
            "sqlsmith as {account}: {} statements, {} answered with {} rows, memory {} → {} MiB, errors {:?}",
            passed.statements,
            passed.answered,
            passed.rows,
            before >> 20,
            most >> 20,
            passed.errors
        );
        let said = String::from_utf8_lossy(&said);
        assert!(ended.is_none(), "sqlsmith gave up: {ended:?}\n{said}");
        assert!(passed.statements > 100, "sqlsmith asked only {} times:\n{said}", passed.statements);
        assert!(
            passed.answered > passed.statements / 50,
            "hardly anything was answered: {:?}",
            passed.errors
        );
        assert!(
            passed.leaks.is_empty(),
            "{account} is shown {} canaries: {:#?}",
            passed.leaks.len(),
            passed.leaks
        );
        assert!(passed.defects.is_empty(), "{} defects: {:#?}", passed.defects.len(), passed.defects);
        assert!(most < MOST_MEMORY, "{} MiB", most >> 20);
    }
    assert!(!server.log().contains("panicked"), "{}", server.log());
    let wire = server.wire("d310104").await.simple("select 1").await.unwrap();
    assert_eq!(wire.len(), 1, "the server does not answer any more");
}
