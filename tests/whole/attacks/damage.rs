//! Attacks 9, 10 and 11: files that are gone, old or overwritten. The program says so and does not go on.

use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use pujiang_tests::binary;
use serde_json::json;

use super::place::fill;
use crate::server::Server;

/// Runs a command over a data folder; what it said on both channels.
fn run(command: &str, data: &Path) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } =
        binary::run(&[command, "--data", data.to_str().unwrap()]).unwrap();
    (status.code(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}

/// Tries to serve; must end by itself with a word.
fn refuses_to_serve(data: &Path) -> String {
    let arguments = ["serve", "--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"];
    let mut child = binary::command(&arguments).unwrap().stdout(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > Duration::from_secs(8) {
            child.kill().unwrap();
            panic!("it serves");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder in which a record has reached the lake.
async fn used() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path()).await.pool().close().await;
    let server = Server::start(folder.path()).await;
    record(&server, "91310104MA00000011").await;
    arrives(&server, 1).await;
    assert!(server.terminate(Duration::from_secs(15)).await);
    folder
}

async fn record(server: &Server, code: &str) {
    let body = json!({"name": "单位", "credit_code": code, "category": "文旅", "district_code": "310104"});
    let made = server.http("clerk").await.post("/api/v1/resources/merchant_profile", &body).await;
    assert_eq!(made.status, 201, "{}", made.text());
}

async fn arrives(server: &Server, units: u64) {
    let user = server.http("city").await;
    let sql = json!({"sql": "select count(*) from merchant_profile"});
    let begun = Instant::now();
    while user.post("/api/v1/sql", &sql).await.json()["rows"] != json!([[units]]) {
        assert!(begun.elapsed() < Duration::from_secs(20), "the record does not reach the lake");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn data_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    entries
        .filter(|path| !path.to_str().unwrap().contains("/_"))
        .flat_map(|path| match path.is_dir() {
            true => data_files(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|ends| ends == "parquet"))
        .collect()
}

/// The operational store's files as they are; put back whole, none of another moment beside them.
struct Saved(Vec<(PathBuf, Option<Vec<u8>>)>);

impl Saved {
    fn of(data: &Path) -> Self {
        let paths = ["pujiang.db", "pujiang.db-wal", "pujiang.db-shm"].map(|name| data.join(name));
        Self(paths.into_iter().map(|path| (path.clone(), std::fs::read(path).ok())).collect())
    }

    fn put_back(&self) {
        self.remove();
        for (path, bytes) in &self.0 {
            if let Some(bytes) = bytes {
                std::fs::write(path, bytes).unwrap();
            }
        }
    }

    fn remove(&self) {
        for (path, _) in &self.0 {
            let _ = std::fs::remove_file(path);
        }
    }
}

fn overwrite(path: &Path, at: u64, bytes: &[u8]) {
    let mut file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_9_without_its_keys_it_does_not_start() {
    let folder = used().await;
    let (data, keys) = (folder.path(), folder.path().join("keys.json"));
    let kept = std::fs::read(&keys).unwrap();
    std::fs::remove_file(&keys).unwrap();
    let said = refuses_to_serve(data);
    assert!(said.contains("密钥文件") && said.contains("备份"), "{said}");
    assert!(!keys.exists(), "no new keys are made");
    let (code, said) = run("doctor", data);
    assert!(code == Some(1) && said.contains("密钥文件"), "{said}");

    // The lake alone has pseudonyms made with the keys.
    let store = Saved::of(data);
    store.remove();
    assert!(refuses_to_serve(data).contains("密钥文件"));
    store.put_back();

    // Keys of another store.
    let other = tempfile::tempdir().unwrap();
    fill(other.path()).await.pool().close().await;
    std::fs::copy(other.path().join("keys.json"), &keys).unwrap();
    let said = refuses_to_serve(data);
    assert!(said.contains("不是这个业务库的") && said.contains("假名密钥"), "{said}");
    let (code, said) = run("doctor", data);
    assert!(code == Some(1) && said.contains("不是这个业务库的"), "{said}");

    std::fs::write(&keys, kept).unwrap();
    assert_eq!(run("doctor", data).0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_10_an_older_store_beside_a_newer_lake_does_not_start() {
    let folder = used().await;
    let data = folder.path();
    let older = Saved::of(data);
    let server = Server::start(data).await;
    record(&server, "91310104MA0000002Y").await;
    arrives(&server, 2).await;
    assert!(server.terminate(Duration::from_secs(15)).await);
    let newer = Saved::of(data);
    assert_eq!(run("doctor", data).0, Some(0), "the two fit");

    older.put_back();
    let said = refuses_to_serve(data);
    assert!(said.contains("比数据湖旧") && said.contains("restore"), "{said}");
    let (code, said) = run("doctor", data);
    assert!(code == Some(1) && said.contains("比数据湖旧"), "{said}");

    newer.remove();
    let said = refuses_to_serve(data);
    assert!(said.contains("比数据湖旧"), "a store that is gone is the oldest of all: {said}");
    newer.put_back();
    assert_eq!(run("doctor", data).0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_11_the_doctor_finds_damaged_files() {
    let folder = used().await;
    let data = folder.path();
    let (code, said) = run("doctor", data);
    assert!(code == Some(0) && !said.contains("异常"), "{said}");
    let files = data_files(&data.join("lake/merchant_profile"));
    let file = files.last().unwrap();
    let whole = std::fs::read(file).unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();

    let complaint = |what: &str| {
        let (code, said) = run("doctor", data);
        let line = said.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{what}: {said}"));
        assert_eq!(code, Some(1));
        assert!(line.starts_with("异常") && line.contains(what) && line.contains("restore"), "{line}");
    };
    std::fs::write(file, &whole[..whole.len() / 2]).unwrap();
    complaint("被截断");
    std::fs::write(file, &whole).unwrap();
    overwrite(file, 40, b"overwritten");
    complaint("校验和不符");
    std::fs::remove_file(file).unwrap();
    complaint("不见了");
    std::fs::write(file, &whole).unwrap();
    assert_eq!(run("doctor", data).0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_11_the_doctor_finds_damaged_pages() {
    let folder = used().await;
    let (data, database) = (folder.path(), folder.path().join("pujiang.db"));
    let whole = Saved::of(data);
    let length = std::fs::metadata(&database).unwrap().len();
    assert!(length > 100_000, "the store was checkpointed when the server stopped");

    // The header.
    overwrite(&database, 0, &[0xA5; 100]);
    for said in [refuses_to_serve(data), run("doctor", data).1] {
        assert!(said.contains("损坏或不是数据库") && said.contains("restore"), "{said}");
        assert!(!said.contains("pool timed out"), "{said}");
    }
    // A page in the middle.
    whole.put_back();
    let page = 4096;
    let middle = (length / page / 2) * page;
    overwrite(&database, middle, &[0xA5; 4096]);
    let (code, said) = run("doctor", data);
    assert!(code == Some(1) && said.contains("损坏"), "{said}");
}
