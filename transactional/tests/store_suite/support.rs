//! A fresh store per test with ready-made people and records.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use pujiang_security::{
    Assignment, DistrictCode, FieldCipher, FileKeyStore, Identity, Principal, PrincipalIssuer, Roles,
};
use pujiang_transactional::accounts::Accounts;
use pujiang_transactional::validate::{id_number_check_digit, is_id_number};
use pujiang_transactional::{Definitions, Error, Record, ResourceEngine, Store};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;

pub struct Bench {
    pub engine: ResourceEngine,
    pub cipher: FieldCipher,
    pub issuer: PrincipalIssuer,
    pub url: String,
    _dir: tempfile::TempDir,
}

static NEXT: AtomicU32 = AtomicU32::new(0);

/// Runs a test on every store there is.
pub async fn on_each<F, T>(test: F)
where
    F: Fn(Bench) -> T,
    T: Future<Output = ()>,
{
    test(Bench::sqlite().await).await;
    if let Ok(server) = std::env::var("PUJIANG_TEST_PG") {
        test(Bench::postgres(&server).await).await;
    }
}

impl Bench {
    pub async fn sqlite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/pujiang.db?mode=rwc", dir.path().display());
        Self::open(dir, url).await
    }

    async fn postgres(server: &str) -> Self {
        let admin = Store::open(server).await.unwrap();
        let name = format!("pj_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        for sql in [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}")] {
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(admin.pool()).await.unwrap();
        }
        admin.pool().close().await;
        let (base, _) = server.rsplit_once('/').unwrap();
        Self::open(tempfile::tempdir().unwrap(), format!("{base}/{name}")).await
    }

    async fn open(dir: tempfile::TempDir, url: String) -> Self {
        let keys = Arc::new(FileKeyStore::open_or_create(dir.path().join("keys.json")).unwrap());
        let store = Store::open(&url).await.unwrap();
        let definitions = Arc::new(Definitions::builtin().unwrap());
        let cipher = FieldCipher::new(keys);
        let roles = Roles::builtin().unwrap();
        let engine = ResourceEngine::new(store, definitions, roles.clone(), cipher.clone());
        engine.migrate().await.unwrap();
        Self { engine, cipher, issuer: PrincipalIssuer::new(roles), url, _dir: dir }
    }

    pub fn person(&self, account: &str, roles: &[&str], assignments: &[Assignment]) -> Principal {
        self.issuer.issue(Identity {
            account_id: format!("id-{account}"),
            account: account.into(),
            name: account.into(),
            roles: roles.iter().map(|id| (*id).into()).collect(),
            assignments: assignments.to_vec(),
            viewer: None,
        })
    }

    /// A person with assignments in their stored form.
    pub fn granted(&self, role: &str, assignments: &[&str]) -> Principal {
        let assignments: Vec<_> = assignments.iter().map(|text| Assignment::parse(text).unwrap()).collect();
        self.person("granted", &[role], &assignments)
    }

    pub fn accounts(&self) -> Accounts {
        Accounts::new(self.engine.store().clone(), self.cipher.clone(), Roles::builtin().unwrap())
    }

    pub fn city(&self) -> Principal {
        self.person("city", &["city_analyst"], &[Assignment::City])
    }

    pub fn clerk(&self, district: &str) -> Principal {
        let code = DistrictCode::parse(district).unwrap();
        self.person(&format!("d{district}"), &["district_clerk"], &[Assignment::District(code)])
    }

    pub async fn create(&self, who: &Principal, resource: &str, body: Json) -> Result<Record, Error> {
        self.engine.create(who, resource, &map(body)).await
    }

    /// An active unit of a district.
    pub async fn merchant(&self, district: &str, code: &str) -> String {
        let body = json!({"name": format!("单位{code}"), "credit_code": code, "category": "文旅", "district_code": district});
        let record = self.create(&self.city(), "merchant_profile", body).await.unwrap();
        self.engine.act(&self.city(), "merchant_profile", record.id(), "activate", None, None).await.unwrap();
        record.id().to_owned()
    }

    /// A transaction with the card of `CARD`, which is there from the first one on.
    pub async fn transaction(&self, who: &Principal, merchant: &str, amount: &str) -> Result<Record, Error> {
        self.card(CARD).await;
        let body =
            json!({"merchant_id": merchant, "card_no": CARD, "original_amount": amount, "amount": amount});
        self.create(who, "benefit_transaction", body).await
    }

    /// A valid card of a certified holder of 徐汇区; its holder. Writes four times when it is new.
    pub async fn card(&self, number: &str) -> String {
        let token = self.cipher.pseudonym("card_no", number);
        let sql =
            format!("SELECT CAST(holder_id AS TEXT) FROM preferential_card WHERE card_no_token = '{token}'");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(self.engine.store().pool()).await.unwrap();
        if let Some(row) = rows.first() {
            return row.try_get(0).unwrap();
        }
        let holder = self.holder("310104", &id_number(&number[11..])).await;
        let card = json!({"card_no": number, "holder_id": holder});
        self.create(&self.city(), "preferential_card", card).await.unwrap();
        holder
    }

    /// A certified holder of a district.
    pub async fn holder(&self, district: &str, id_no: &str) -> String {
        let city = self.city();
        let person = json!({"full_name": "周一", "id_no": id_no, "district_code": district});
        let person = self.create(&city, "person", person).await.unwrap();
        let holder = json!({"person_id": person.id(), "category": "退役军人"});
        let holder = self.create(&city, "card_holder", holder).await.unwrap();
        self.engine.act(&city, "card_holder", holder.id(), "certify", None, None).await.unwrap();
        holder.id().to_owned()
    }

    /// Makes a transition as the city.
    pub async fn act(&self, resource: &str, id: &str, action: &str) -> Record {
        self.engine.act(&self.city(), resource, id, action, None, Some("核对")).await.unwrap()
    }

    /// First column of every row as text.
    pub async fn column(&self, sql: &'static str) -> Vec<String> {
        let rows = sqlx::query(sql).fetch_all(self.engine.store().pool()).await.unwrap();
        rows.iter().map(|r| r.try_get::<Option<String>, _>(0).unwrap().unwrap_or_default()).collect()
    }
}

/// Number of a valid card, as soon as `Bench::card` was asked for it.
pub const CARD: &str = "3100123456783510";
pub const UNIT_A: &str = "913157614035081808";
pub const UNIT_B: &str = "913173616824585412";

/// An identity number with the right check digit whose order is these digits.
pub fn id_number(order: &str) -> String {
    let first = format!("3101041970{:02}{:02}{}", order.len() % 12 + 1, 11, &order[order.len() - 3..]);
    let digits = format!("{first}{}", id_number_check_digit(&first).unwrap());
    assert!(is_id_number(&digits), "{digits}");
    digits
}

pub fn map(json: Json) -> Map<String, Json> {
    json.as_object().cloned().unwrap()
}

/// `field:code` of everything wrong, sorted.
pub fn faults(error: &Error) -> Vec<String> {
    let mut faults: Vec<_> = error.field_errors().iter().map(|e| format!("{}:{}", e.field, e.code)).collect();
    faults.sort();
    faults
}
