//! Attacks 3, 9 and 11 at the store: a disk that is full for a while, keys that are others, pages that are overwritten.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use pujiang_security::{FieldCipher, FileKeyStore, KeyStore, Roles};
use pujiang_transactional::audit::{self, Entry};
use pujiang_transactional::clock::{Clock, SystemClock};
use pujiang_transactional::keys::{self, KeyMatch};
use pujiang_transactional::store::OpenTrouble;
use pujiang_transactional::{Definitions, ResourceEngine, Store};

/// A small file system; taken down with the value. Needs the right to mount, as CI has it.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mounted() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let arguments = ["-t", "tmpfs", "-o", "size=12m", "tmpfs"];
        let done = Command::new("mount").args(arguments).arg(folder.path()).status().unwrap();
        assert!(done.success(), "run the tests as root: a small disk is mounted");
        Self(folder)
    }

    /// Takes all the room there is; ends with the error it is for.
    fn fill(&self) {
        let to = format!("of={}", self.0.path().join("filler").display());
        let _ = Command::new("dd").args(["if=/dev/zero", "bs=4096"]).arg(to).output();
    }

    fn free(&self) {
        std::fs::remove_file(self.0.path().join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

fn url(folder: &Path) -> String {
    format!("sqlite://{}?mode=rwc", folder.join("pujiang.db").display())
}

async fn migrated(folder: &Path) -> (Store, FileKeyStore) {
    let store = Store::open(&url(folder)).await.unwrap();
    let keys = || FileKeyStore::open_or_create(folder.join("keys.json")).unwrap();
    let definitions = Arc::new(Definitions::builtin().unwrap());
    let engine = ResourceEngine::new(
        store.clone(),
        definitions,
        Roles::builtin().unwrap(),
        FieldCipher::new(Arc::new(keys())),
    );
    engine.migrate().await.unwrap();
    (store, keys())
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_3_a_connection_whose_commit_failed_is_thrown_away() {
    let disk = SmallDisk::mounted();
    let (store, _) = migrated(disk.0.path()).await;
    store.probe_write().await.unwrap();
    disk.fill();
    // Many more than the pool has connections: each would be lost to every later BEGIN.
    for number in 0..40 {
        let entry = Entry { actor: "x".repeat(3_000), target_id: number.to_string(), ..Default::default() };
        let mut tx = store.begin_write().await.unwrap();
        let written = audit::append(&mut tx, &SystemClock.now(), entry).await;
        let full = match written {
            Ok(()) => tx.commit().await.expect_err("no room").is_full(),
            Err(error) => error.is_full(),
        };
        assert!(full, "{number}");
    }
    disk.free();
    for _ in 0..20 {
        store.probe_write().await.unwrap();
    }
    assert_eq!(audit::verify(&store).await.unwrap().map(|chain| chain.entries), Ok(0));

    store.pool().close().await;
    disk.fill();
    let error = Store::open(&url(disk.0.path())).await.expect_err("no room to open");
    assert_eq!(error.open_trouble(), OpenTrouble::Full, "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_9_the_store_knows_its_keys() {
    let folder = tempfile::tempdir().unwrap();
    let empty = Store::open(&url(folder.path())).await.unwrap();
    assert!(!keys::are_expected(&empty).await.unwrap(), "nothing was ever sealed");
    let (store, own) = migrated(folder.path()).await;
    assert_eq!(keys::recognise(&store, &own.names()).await.unwrap(), KeyMatch::Fits);
    assert!(keys::are_expected(&store).await.unwrap());
    let before = own.names();
    own.rotate().unwrap();
    assert_eq!(keys::recognise(&store, &own.names()).await.unwrap(), KeyMatch::Fits, "a new version");
    let KeyMatch::Missing(missing) = keys::recognise(&store, &before).await.unwrap() else { panic!() };
    assert!(missing.len() == 1 && missing[0].contains("数据密钥第 2 版"), "{missing:?}");
    let other = tempfile::tempdir().unwrap();
    let others = FileKeyStore::open_or_create(other.path().join("keys.json")).unwrap();
    let KeyMatch::Missing(missing) = keys::recognise(&store, &others.names()).await.unwrap() else {
        panic!()
    };
    assert_eq!(missing.len(), 3, "{missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_11_overwritten_pages_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = migrated(folder.path()).await;
    assert!(store.damage().await.unwrap().is_empty());
    store.pool().close().await;
    let file = folder.path().join("pujiang.db");
    let whole = std::fs::read(&file).unwrap();
    let overwritten = |from: usize, length: usize| {
        let mut bytes = whole.clone();
        bytes[from..from + length].fill(0xA5);
        std::fs::write(&file, bytes).unwrap();
    };
    overwritten(0, 100);
    let error = Store::open(&url(folder.path())).await.expect_err("no header");
    assert_eq!(error.open_trouble(), OpenTrouble::Damaged, "{error:?}");
    overwritten((whole.len() / 4096 / 2) * 4096, 4096);
    let store = Store::open(&url(folder.path())).await.unwrap();
    assert!(!store.damage().await.unwrap().is_empty());
}
