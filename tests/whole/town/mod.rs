//! A town of few rows: small enough to write down what everybody must see, and made so that every hidden row betrays
//! itself. Rows of other districts say SECRET, rows of other streets of the same district say INNER; amounts there are
//! zero, so that a division tried on one of them fails.

mod people;
mod records;
mod rows;

use std::path::Path;
use std::sync::Arc;

use arrow::json::ReaderBuilder;
use pujiang_security::{FieldCipher, FileKeyStore};
use pujiang_warehouse::{Change, Lake};
use tempfile::TempDir;

use crate::{lake_tables, server};

pub use people::{PEOPLE, Townsman};
pub use records::{Records, enter};

/// The town's lake in a data folder.
pub struct Town {
    lake: Arc<Lake>,
    folder: TempDir,
}

impl Town {
    /// Builds the lake; nobody has an account yet.
    pub async fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // The server's own keys: tokens are the same in this process and in that one.
        let keys = FileKeyStore::open_or_create(folder.path().join("keys.json")).unwrap();
        let pseudonyms = FieldCipher::new(Arc::new(keys)).pseudonymizer();
        let (path, catalog) = (folder.path().join("lake"), lake_tables::catalog());
        let lake = Lake::open_with_pseudonyms(&path, catalog, pseudonyms).await.unwrap();
        for (table, rows) in rows::all() {
            let schema = lake.catalog().table(table).unwrap().arrow_schema();
            let mut decoder = ReaderBuilder::new(schema).build_decoder().unwrap();
            decoder.serialize(&rows).unwrap();
            let upserts = vec![decoder.flush().unwrap().unwrap()];
            lake.writer(table).unwrap().upsert(Change { upserts, deletes: vec![] }, None).await.unwrap();
        }
        Self { lake, folder }
    }

    /// Gives everybody an account in the same data folder.
    pub async fn create_accounts(&self) -> pujiang_transactional::accounts::Accounts {
        let people: Vec<_> = PEOPLE.iter().map(Townsman::account).collect();
        server::create(self.data(), &people).await.0
    }

    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    pub fn lake(&self) -> &Lake {
        &self.lake
    }

    /// One of the people.
    pub fn person(&self, account: &str) -> &'static Townsman {
        PEOPLE
            .iter()
            .find(|person| person.account == account)
            .unwrap_or_else(|| panic!("nobody is {account}"))
    }
}
