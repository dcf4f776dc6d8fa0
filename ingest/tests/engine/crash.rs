//! A file that brings the process down: marked before it is read, set aside afterwards, so that the next start lives.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Bench, HEAD, row};

const FOLDER: &str = "PUJIANG_INGEST_CRASH_TEST";

/// The server that is killed; does nothing when run as an ordinary test.
#[test]
fn child_that_watches() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime");
    runtime.block_on(async {
        let bench = Bench::open(&folder).await;
        let _watchers = bench.engine.spawn_watch(tokio_util::sync::CancellationToken::new());
        tokio::time::sleep(Duration::from_secs(120)).await;
    });
}

fn server(folder: &Path) -> Child {
    Command::new(std::env::current_exe().expect("exe"))
        .args(["--exact", "crash::child_that_watches", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("child")
}

fn wait(what: &str, reached: impl Fn() -> bool) {
    let started = Instant::now();
    while !reached() {
        assert!(started.elapsed() < Duration::from_secs(90), "{what}: not in time");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn attack_6_a_file_on_which_the_process_died_is_set_aside_and_the_others_go_on() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime");
    let folder = tempfile::tempdir().expect("folder");
    let inbox = folder.path().join("inbox/bank");
    let lines: String = (0..40_000).map(|n| row(&format!("A{n}"), "文旅", "1")).collect();
    runtime.block_on(async {
        let bench = Bench::open(folder.path()).await;
        bench.drop_file("bank", "deadly.csv", format!("{HEAD}{lines}"));
    });
    let mut first = server(folder.path());
    wait("reading", || inbox.join(".reading/deadly.csv").exists());
    first.kill().expect("kill");
    first.wait().expect("dead");
    assert!(inbox.join(".reading/deadly.csv").exists(), "killed too late to be a test");
    std::fs::write(inbox.join("good.csv"), format!("{HEAD}{}", row("B", "文旅", "1"))).expect("write");
    let mut second = server(folder.path());
    wait("the good file", || inbox.join(".done/good.csv").exists());
    assert!(inbox.join(".set-aside/deadly.csv").exists());
    second.kill().expect("kill");
    second.wait().expect("dead");
    runtime.block_on(async {
        let bench = Bench::open(folder.path()).await;
        let status = bench.status("bank").await;
        assert_eq!((&status["files"], &status["set_aside"]), (&1.into(), &serde_json::json!(["deadly.csv"])));
        assert!(
            status["set_aside_advice"].as_str().is_some_and(|a| a.contains("ingest run bank")),
            "{status}"
        );
        // A person says: try again, in a process of its own.
        let report = bench.engine.run(Some("bank")).await.expect("run");
        assert_eq!((report.files[0].file.as_str(), report.files[0].rows_in), ("deadly.csv", 40_000));
        let status = bench.status("bank").await;
        assert_eq!((&status["rows_stored"], status.get("set_aside")), (&40_001.into(), None));
    });
}
