//! Attack 11: data files that were cut, overwritten or removed are found by name.

use super::support::{lake, upserts};

#[tokio::test(flavor = "multi_thread")]
async fn attack_11_damaged_data_files_are_found() {
    let t = lake().await;
    let writer = t.lake.writer("pay").unwrap();
    writer.upsert(upserts(&t.lake, &[("a", "310104", 0, "文旅", "p", 1, 1)]), None).await.unwrap();
    writer.upsert(upserts(&t.lake, &[("b", "310105", 0, "文旅", "p", 1, 1)]), None).await.unwrap();
    let (looked, faults) = t.lake.verify().await.unwrap();
    assert!(looked >= 2 && faults.is_empty(), "{faults:?}");

    let folder = t.dir.path().join("lake/pay/district_code=310104");
    let file = std::fs::read_dir(&folder).unwrap().flatten().next().unwrap().path();
    let whole = std::fs::read(&file).unwrap();
    let damaged: [(&str, Option<Vec<u8>>); 3] = [
        ("被截断", Some(whole[..whole.len() / 2].to_vec())),
        ("校验和不符", Some(whole.iter().enumerate().map(|(at, byte)| byte ^ u8::from(at == 40)).collect())),
        ("不见了", None),
    ];
    for (what, bytes) in damaged {
        match bytes {
            Some(bytes) => std::fs::write(&file, bytes).unwrap(),
            None => std::fs::remove_file(&file).unwrap(),
        }
        let (_, faults) = t.lake.verify().await.unwrap();
        assert_eq!(faults.len(), 1, "{what}: {faults:?}");
        assert_eq!(faults[0].table, "pay");
        assert!(faults[0].path.contains("310104") && faults[0].what.contains(what), "{:?}", faults[0]);
    }
    std::fs::write(&file, whole).unwrap();
    assert!(t.lake.verify().await.unwrap().1.is_empty());
}
