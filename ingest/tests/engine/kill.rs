//! kill -9 of a loading process at random points: nothing lost, nothing doubled.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::Bench;

const FOLDER: &str = "PUJIANG_INGEST_KILL_TEST";
const ROUNDS: u64 = 12;

/// The process that is killed; does nothing when run as an ordinary test.
#[test]
fn child_that_loads() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime");
    runtime.block_on(async {
        Bench::open(&folder).await.engine.run(None).await.expect("run");
    });
}

fn child(folder: &std::path::Path) -> std::process::Child {
    Command::new(std::env::current_exe().expect("exe"))
        .args(["--exact", "kill::child_that_loads", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("child")
}

#[test]
fn killed_at_random_points_the_result_is_the_same() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime");
    // One whole run says how long there is something to kill.
    let whole = tempfile::tempdir().expect("folder");
    runtime.block_on(async { Bench::open(whole.path()).await.drop_given() });
    let started = Instant::now();
    assert!(child(whole.path()).wait().expect("child").success());
    let span = started.elapsed();
    let mut interrupted = 0;
    let folder = tempfile::tempdir().expect("folder");
    runtime.block_on(async { Bench::open(folder.path()).await.drop_given() });
    for round in 0..ROUNDS {
        let mut child = child(folder.path());
        // Spread over the run, a different point each time; a killed run leaves less for the next.
        std::thread::sleep(Duration::from_micros(span.as_micros() as u64 * (2 * round * 7 % 24 + 1) / 24));
        child.kill().expect("kill");
        interrupted += usize::from(!child.wait().expect("child").success());
    }
    assert!(interrupted > 0, "nothing was interrupted");
    assert!(child(folder.path()).wait().expect("child").success());
    runtime.block_on(async { Bench::open(folder.path()).await.assert_given().await });
}
