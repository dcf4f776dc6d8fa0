//! Accounts of a data folder, made before the server opens it.

use std::path::Path;
use std::sync::Arc;

use pujiang_security::{Assignment, FieldCipher, FileKeyStore, RoleId, Roles};
use pujiang_transactional::accounts::{AccountKind, Accounts, NewAccount};
use pujiang_transactional::{Definitions, ResourceEngine, Store};

/// Password of every account of the tests.
pub const PASSWORD: &str = "Whole-Pass-2026";

/// Somebody who may log in.
#[derive(Debug, Clone)]
pub struct Person {
    pub account: String,
    pub roles: Vec<RoleId>,
    pub assignments: Vec<Assignment>,
}

/// The store of a data folder, with its tables made.
pub async fn engine(data: &Path) -> (Store, ResourceEngine, FieldCipher) {
    std::fs::create_dir_all(data).unwrap();
    let url = format!("sqlite://{}?mode=rwc", data.join("pujiang.db").display());
    let store = Store::open(&url).await.unwrap();
    let keys = FileKeyStore::open_or_create(data.join("keys.json")).unwrap();
    let cipher = FieldCipher::new(Arc::new(keys));
    let definitions = Arc::new(Definitions::builtin().unwrap());
    let engine = ResourceEngine::new(store.clone(), definitions, Roles::builtin().unwrap(), cipher.clone());
    engine.migrate().await.unwrap();
    (store, engine, cipher)
}

/// Makes the accounts, and hands out the rooms of the operational store for what a test wants to change later.
pub async fn create(data: &Path, people: &[Person]) -> (Accounts, Store) {
    let (store, _, cipher) = engine(data).await;
    let accounts = Accounts::new(store.clone(), cipher, Roles::builtin().unwrap());
    for person in people {
        let account = NewAccount {
            login_name: person.account.clone(),
            name: person.account.clone(),
            password: PASSWORD.to_owned(),
            roles: person.roles.clone(),
            assignments: person.assignments.clone(),
            kind: AccountKind::Person,
        };
        accounts.create("test", account).await.unwrap();
    }
    (accounts, store)
}
