//! `TestApp`: the whole application over a temporary folder, with builders for what a test needs in it.

use std::sync::Arc;

use arrow::json::ReaderBuilder;
use pujiang_api::app::{App, Live, OpenError, Services};
use pujiang_api::config::Reach;
use pujiang_api::{Config, router};
use pujiang_security::Assignment;
use pujiang_transactional::accounts::{AccountKind, NewAccount};
use pujiang_warehouse::Change;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::Client;

/// Password of every test account.
pub const PASSWORD: &str = "Test-Pass-2026";

/// An application of its own per test.
pub struct TestApp {
    /// The composition, for what HTTP cannot do.
    pub app: Arc<App>,
    router: axum::Router,
    services: Option<Services>,
    live: Option<Arc<Live>>,
    folder: TempDir,
}

impl TestApp {
    /// Opens an empty application; no background work.
    pub async fn start() -> Self {
        Self::open(Reach::Loopback).await
    }

    /// Opens an empty application that other machines could reach.
    pub async fn start_on_network() -> Self {
        Self::open(Reach::Network).await
    }

    /// Opens an empty application with feeds and maintenance at work.
    pub async fn start_with_services() -> Self {
        let mut app = Self::start().await;
        app.services = Some(app.app.start_services().await);
        app
    }

    /// Opens an empty server with everything at work: it takes newly applied definitions up.
    pub async fn start_live() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let live = Live::open(&Config::for_testing(&folder.path().join("data"))).await.expect("server");
        live.start().await;
        Self { router: live.router(), app: live.app(), services: None, live: Some(live), folder }
    }

    /// Opens an empty application over a folder that was prepared, or says why it does not open.
    pub async fn start_over(folder: TempDir) -> Result<Self, OpenError> {
        Self::try_open(Reach::Loopback, folder).await
    }

    async fn open(reach: Reach) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        Self::try_open(reach, folder).await.expect("application")
    }

    async fn try_open(reach: Reach, folder: TempDir) -> Result<Self, OpenError> {
        let mut config = Config::for_testing(&folder.path().join("data"));
        if reach == Reach::Network {
            config.server.listen = "0.0.0.0:0".parse().expect("address");
        }
        let app = App::open(&config).await?;
        Ok(Self { router: router(app.clone()), app, services: None, live: None, folder })
    }

    /// The data folder.
    pub fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    /// Writes a file below the definitions of the data folder.
    pub fn define(&self, file: &str, text: &str) {
        let path = self.data().join("definitions").join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }

    /// Nobody.
    pub fn anonymous(&self) -> Client {
        Client::new(self.router.clone(), None)
    }

    /// An analyst of the whole city.
    pub async fn city(&self) -> Client {
        self.user("city", &["city_analyst"], &[Assignment::City]).await
    }

    /// A clerk of one district.
    pub async fn clerk(&self, district: &str) -> Client {
        let rows = [Assignment::parse(district).expect("district")];
        self.user(&format!("d{district}"), &["district_clerk"], &rows).await
    }

    /// A leader: boards only.
    pub async fn leader(&self) -> Client {
        self.user("leader", &["leader"], &[Assignment::City]).await
    }

    /// An auditor: no business data.
    pub async fn auditor(&self) -> Client {
        self.user("auditor", &["auditor"], &[]).await
    }

    /// A keeper of accounts and feeds: no business data.
    pub async fn sysadmin(&self) -> Client {
        self.user("sysadmin", &["sys_admin"], &[]).await
    }

    /// A security administrator: explains access, looks through other eyes, sees no business data.
    pub async fn secadmin(&self) -> Client {
        self.user("secadmin", &["sec_admin"], &[]).await
    }

    /// The caller of an opened session.
    pub fn with_token(&self, token: &str) -> Client {
        Client::new(self.router.clone(), Some(token.to_owned()))
    }

    /// Entries of the audit log with this action.
    pub async fn audited(&self, action: &str) -> Vec<Value> {
        let entries =
            pujiang_transactional::audit::list(&self.app.store, 0, 10_000).await.expect("audit log");
        let of = entries.into_iter().filter(|entry| entry.content["action"] == action);
        of.map(|entry| Value::Object(entry.content)).collect()
    }

    /// Makes the account if it is not there.
    pub async fn account(&self, name: &str, roles: &[&str], rows: &[Assignment], kind: AccountKind) {
        if self.app.accounts.find(name).await.expect("find").is_none() {
            let account = NewAccount {
                login_name: name.to_owned(),
                name: name.to_owned(),
                password: PASSWORD.to_owned(),
                roles: roles.iter().map(|id| (*id).into()).collect(),
                assignments: rows.to_vec(),
                kind,
            };
            self.app.accounts.create("test", account).await.expect("account");
        }
    }

    async fn user(&self, name: &str, roles: &[&str], rows: &[Assignment]) -> Client {
        self.account(name, roles, rows, AccountKind::Person).await;
        let body = json!({"account": name, "password": PASSWORD});
        let session = self.anonymous().post("/api/v1/session", &body).await.expect(200);
        let token = session["token"].as_str().expect("token").to_owned();
        Client::new(self.router.clone(), Some(token))
    }

    /// Three transactions of October 2026: two in 徐汇, one in 长宁.
    pub async fn load_transactions(&self) {
        let row = |txn: &str, district: &str, amount: &str| {
            json!({
                "txn_no": txn, "feed": "bank", "pay_time": "2026-10-15T12:00:00", "district_code": district,
                "street_code": format!("{district}003"), "merchant_code": "91310106MA0000029Q", "card_no": "3100********0001", "card_token": "t1",
                "category": "文旅", "mode": "电子证", "original_amount": amount, "discount": "0.00",
                "amount": amount, "state": "confirmed", "record_version": 1, "loaded_at": "2026-10-16T00:00:00",
            })
        };
        let rows = [row("T1", "310104", "10.25"), row("T2", "310104", "20.25"), row("T3", "310105", "7.25")];
        let table = self.app.lake.catalog().table("benefit_transaction").expect("table").clone();
        let mut decoder = ReaderBuilder::new(table.arrow_schema()).build_decoder().expect("decoder");
        decoder.serialize(&rows).expect("rows");
        let batch = decoder.flush().expect("flush").expect("batch");
        let change = Change { upserts: vec![batch], deletes: Vec::new() };
        let writer = self.app.lake.writer("benefit_transaction").expect("writer");
        writer.upsert(change, None).await.expect("commit");
    }

    /// A provider unit, made over HTTP.
    pub async fn create_merchant(&self, user: &Client, district: &str, number: u32) -> Value {
        let body = json!({
            "name": format!("测试单位{number}"), "credit_code": credit_code(number),
            "category": "文旅", "district_code": district,
        });
        user.post("/api/v1/resources/merchant_profile", &body).await.expect(201)
    }

    /// A unit that the city has approved.
    pub async fn active_merchant(&self, district: &str, number: u32) -> Value {
        let city = self.city().await;
        let merchant = self.create_merchant(&city, district, number).await;
        let path = format!("/api/v1/resources/merchant_profile/{}", merchant["id"].as_str().expect("id"));
        city.post(&format!("{path}/actions/activate"), &json!({})).await.expect(200)
    }

    /// The card `CARD` of a certified holder of 徐汇区, if it is not there yet.
    pub async fn card(&self) {
        let city = self.city().await;
        let at = |resource: &str| format!("/api/v1/resources/{resource}");
        let found =
            city.get(&format!("{}?filter[card_no]={CARD}", at("preferential_card"))).await.expect(200);
        if found["total"] != 0 {
            return;
        }
        let person = json!({"full_name": "周一", "id_no": "11010519491231002X", "district_code": "310104"});
        let person = city.post(&at("person"), &person).await.expect(201);
        let holder = json!({"person_id": person["id"], "category": "退役军人"});
        let holder = city.post(&at("card_holder"), &holder).await.expect(201);
        let certify = format!("{}/{}/actions/certify", at("card_holder"), holder["id"].as_str().expect("id"));
        city.post(&certify, &json!({})).await.expect(200);
        let card = json!({"card_no": CARD, "holder_id": holder["id"]});
        city.post(&at("preferential_card"), &card).await.expect(201);
    }

    /// A transaction of this moment, made over HTTP.
    pub async fn create_transaction(&self, user: &Client, district: &str) -> Value {
        let merchant = self.active_merchant(district, 1).await;
        self.card().await;
        let body = json!({
            "txn_no": format!("TEST-{}", merchant["id"].as_str().unwrap_or_default()), "merchant_id": merchant["id"],
            "card_no": CARD, "original_amount": "12.50", "discount": "2.50", "amount": "10.00",
        });
        user.post("/api/v1/resources/benefit_transaction", &body).await.expect(201)
    }

    /// What the board shows for the running month.
    pub async fn transactions_on_board(&self, user: &Client) -> i64 {
        let month = self.app.metrics.business_date().format("%Y-%m").to_string();
        let board = user.post("/api/v1/boards/benefit/data", &json!({"period": month})).await.expect(200);
        let tile = &board["tiles"]["transactions"];
        if tile["state"] == "empty" {
            return 0;
        }
        let columns = tile["columns"].as_array().expect("columns");
        let at = columns.iter().position(|column| column["name"] == "S1-U03").expect("S1-U03");
        let last = tile["rows"].as_array().and_then(|rows| rows.last()).map(|row| row[at].clone());
        last.and_then(|value| value.as_i64()).unwrap_or(0)
    }

    /// Ends background work, which a dropped runtime would only cut.
    pub async fn stop(mut self) {
        if let Some(services) = self.services.take() {
            services.stop().await;
        }
        if let Some(live) = self.live.take() {
            live.stop().await;
        }
    }
}

/// Number of a valid card, as soon as `TestApp::card` was asked for it.
pub const CARD: &str = "3100123456784836";

/// A unified social credit code with a right check digit (GB 32100).
pub fn credit_code(number: u32) -> String {
    const DIGITS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let body = format!("91310104MA{number:07}");
    let sum: usize =
        body.chars().zip(WEIGHTS).map(|(c, weight)| DIGITS.find(c).expect("digit") * weight).sum();
    let check = DIGITS.chars().nth((31 - sum % 31) % 31).expect("check digit");
    format!("{body}{check}")
}
