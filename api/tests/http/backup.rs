//! Backup and restore through the command line: what was stored is there again, and nothing is overwritten.

use clap::Parser;
use pujiang_api::cli::{self, args::Cli};
use pujiang_api::{App, Config};

use crate::support::TestApp;

async fn pujiang(line: &[&str]) {
    let cli = Cli::try_parse_from([&["pujiang"], line].concat()).expect("arguments");
    let _ = cli::run(cli).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_folder_holds_what_was_backed_up() {
    let app = TestApp::start().await;
    app.load_transactions().await;
    let city = app.city().await;
    app.create_merchant(&city, "310104", 1).await;
    let folder = tempfile::tempdir().expect("folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let data = app.data().display().to_string();
    pujiang(&["backup", "--data", &data, "--out", &path("backup")]).await;
    pujiang(&["restore", "--from", &path("backup"), "--data", &path("restored")]).await;

    let restored = App::open(&Config::for_testing(&folder.path().join("restored"))).await.expect("opens");
    assert_eq!(restored.lake.versions(), app.app.lake.versions());
    let reader = restored.principal_of("city").await.expect("store").expect("account");
    let session = restored.lake.door().session(&reader).await.expect("session");
    let answer = session.sql("select count(*) from benefit_transaction").await.expect("rows");
    let rows = pujiang_api::rows::rows(&answer.batches).expect("json");
    assert_eq!(rows, [[serde_json::json!(3)]]);
    let merchants =
        restored.records.list(&reader, "merchant_profile", &Default::default()).await.expect("list");
    assert_eq!(merchants.total, 1);

    // A second restore must leave the folder as it is: the versions of a later write would be lost.
    std::fs::write(folder.path().join("restored/marker"), "kept").expect("marker");
    pujiang(&["restore", "--from", &path("backup"), "--data", &path("restored")]).await;
    assert!(folder.path().join("restored/marker").is_file());
}
