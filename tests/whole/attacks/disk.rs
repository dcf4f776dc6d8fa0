//! Attack 3, and the full disk of attack 11: a data folder on a file system that is full for a while.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use pujiang_tests::binary;
use serde_json::json;

use super::place::fill;
use crate::server::{Http, Server};

/// A small file system of its own; taken down with the value.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    /// Needs the right to mount, as CI has it.
    fn mounted(mib: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={mib}m");
        let done =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).status();
        assert!(done.unwrap().success(), "run the tests as root: a small disk is mounted");
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Takes all the room there is.
    fn fill(&self) -> PathBuf {
        let path = self.path().join("filler");
        // Ends with an error when the disk is full, which is what it is for.
        let _ = Command::new("dd")
            .args(["if=/dev/zero", "bs=4096"])
            .arg(format!("of={}", path.display()))
            .output();
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.folder.path()).status();
    }
}

async fn create(user: &Http, number: u32) -> u16 {
    let body = json!({
        "name": format!("单位{number}"), "credit_code": credit_code(number), "category": "文旅", "district_code": "310104",
    });
    user.post("/api/v1/resources/merchant_profile", &body).await.status
}

/// A unified social credit code with a right check digit (GB 32100).
fn credit_code(number: u32) -> String {
    const DIGITS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let body = format!("91310104MA{number:07}");
    let sum: usize = body.chars().zip(WEIGHTS).map(|(c, weight)| DIGITS.find(c).unwrap() * weight).sum();
    format!("{body}{}", DIGITS.chars().nth((31 - sum % 31) % 31).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_3_service_is_back_when_there_is_room_again() {
    let disk = SmallDisk::mounted(48);
    let data = disk.path().join("data");
    fill(&data).await.pool().close().await;
    let mut server = Server::start(&data).await;
    let (clerk, city) = (server.http("clerk").await, server.http("city").await);
    assert_eq!(create(&clerk, 1).await, 201);

    let filler = disk.fill();
    let ready = server.anonymous().get("/readyz").await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let still = server.anonymous().get("/readyz").await;
    assert_eq!((ready.status, still.status), (503, 503), "{}", still.text());
    assert_eq!(still.json()["disk"], "short");
    // Many more than there are connections; by every road that writes.
    for number in 2..30 {
        assert_eq!(create(&clerk, number).await, 503, "{number}");
        let log_in = json!({"account": "city", "password": "wrong-password-1"});
        let status = server.anonymous().post("/api/v1/session", &log_in).await.status;
        assert!([401, 429, 503].contains(&status), "{status}");
        let sql = city.post("/api/v1/sql", &json!({"sql": format!("select {number}")})).await;
        assert!([200, 503].contains(&sql.status), "{}", sql.text());
        assert!(!sql.text().contains("internal"), "{}", sql.text());
    }
    // What needs no room goes on.
    assert_eq!(city.get("/api/v1/resources/merchant_profile").await.status, 200);
    assert!(server.is_alive());

    std::fs::remove_file(filler).unwrap();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let ready = server.anonymous().get("/readyz").await;
    assert_eq!(ready.status, 200, "{}\n{}", ready.text(), server.log());
    for number in 100..112 {
        assert_eq!(create(&clerk, number).await, 201, "{}", server.log());
    }
    let answer = city.post("/api/v1/sql", &json!({"sql": "select 1 as one"})).await;
    assert_eq!(answer.json()["rows"], json!([[1]]), "{}", answer.text());
    server.http("clerk").await;
    let begun = Instant::now();
    let sql = json!({"sql": "select count(*) from merchant_profile"});
    while city.post("/api/v1/sql", &sql).await.json()["rows"] != json!([[13]]) {
        assert!(begun.elapsed() < Duration::from_secs(30), "records reach the lake again");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_3_near_the_end_reading_goes_on() {
    let disk = SmallDisk::mounted(48);
    let data = disk.path().join("data");
    fill(&data).await.pool().close().await;
    let server = Server::start(&data).await;
    let (clerk, city) = (server.http("clerk").await, server.http("city").await);
    let filler = disk.fill();
    // A little room is left: less than a twentieth of the disk.
    let length = std::fs::metadata(&filler).unwrap().len();
    std::fs::OpenOptions::new().write(true).open(&filler).unwrap().set_len(length - (1_500 << 10)).unwrap();
    let body =
        json!({"name": "单位", "credit_code": credit_code(1), "category": "文旅", "district_code": "310104"});
    let refused = clerk.post("/api/v1/resources/merchant_profile", &body).await;
    assert_eq!(
        (refused.status, refused.json()["code"].as_str()),
        (503, Some("disk_full")),
        "{}",
        refused.text()
    );
    for number in 0..20 {
        let sql = json!({"sql": format!("select count(*) + {number} from district")});
        assert_eq!(city.post("/api/v1/sql", &sql).await.status, 200, "reading goes on, on record");
    }
    server.http("city").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_11_a_start_on_a_full_disk_says_so() {
    let disk = SmallDisk::mounted(24);
    let data = disk.path().join("data");
    fill(&data).await.pool().close().await;
    disk.fill();
    for command in ["serve", "doctor"] {
        let folder = data.to_str().unwrap();
        let arguments = match command {
            "serve" => vec!["serve", "--data", folder, "--listen", "127.0.0.1:0"],
            _ => vec!["doctor", "--data", folder],
        };
        let begun = Instant::now();
        let output = binary::run(&arguments).unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert_eq!(output.status.code(), Some(1), "{command}: {said}");
        assert!(said.contains("磁盘空间") && !said.contains("pool timed out"), "{command}: {said}");
        assert!(begun.elapsed() < Duration::from_secs(10), "{command}: {:?}", begun.elapsed());
    }
}
