//! Stored accounts: who they are, what they may do, how they log in. Returns `security::Identity`; making a principal
//! of it is the business of the one issuer in `api`.

mod change_password;
mod counter;
mod epoch;
mod grants;
mod login;
mod reading;
mod scram;
mod session;
mod strangers;
mod view;

use std::sync::Arc;

use pujiang_security::{Assignment, FieldCipher, Identity, RoleId, Roles, password};
use serde_json::json;
use uuid::Uuid;

pub use change_password::PasswordChange;
pub use login::Login;
pub use scram::{ScramLogin, ScramLookup};
pub use session::Session;

use crate::audit;
use crate::clock::{self, Clock, SystemClock};
use crate::error::{Error, FieldError};
use crate::store::{Bind, Store, StoreError, execute};

/// What kind of account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// Of a real person.
    Person,
    /// Of the demonstration; only for servers that nobody else can reach.
    Demonstration,
}

impl AccountKind {
    fn as_str(self) -> &'static str {
        match self {
            AccountKind::Person => "person",
            AccountKind::Demonstration => "demonstration",
        }
    }

    fn of(text: &str) -> Self {
        if text == "demonstration" { AccountKind::Demonstration } else { AccountKind::Person }
    }
}

/// An account to create.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Login name: 2–32 letters, digits, `.`, `-`, `_`.
    pub login_name: String,
    /// Name for people.
    pub name: String,
    /// Password in clear; only its hash is kept.
    pub password: String,
    /// Granted roles.
    pub roles: Vec<RoleId>,
    /// Granted rows.
    pub assignments: Vec<Assignment>,
    /// What kind of account it is.
    pub kind: AccountKind,
}

/// A stored account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Who it is, with roles and assignments.
    pub identity: Identity,
    /// What kind of account it is.
    pub kind: AccountKind,
    /// `active` or `frozen`.
    pub state: String,
    /// Last login, RFC 3339.
    pub last_login_at: Option<String>,
}

/// Accounts of a store. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    store: Store,
    roles: Arc<Roles>,
    cipher: FieldCipher,
    clock: Arc<dyn Clock>,
    epoch: epoch::Epoch,
    counter: counter::Counter,
}

impl Accounts {
    /// Accounts of a store whose tables `ResourceEngine::migrate` has made. The cipher seals verifiers; the roles say
    /// what may be granted.
    pub fn new(store: Store, cipher: FieldCipher, roles: Arc<Roles>) -> Self {
        let (epoch, counter) = (epoch::Epoch::default(), counter::Counter::new());
        Self { store, roles, cipher, clock: Arc::new(SystemClock), epoch, counter }
    }

    /// The same with another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The same accounts under other roles, for the application of another set of definitions: one epoch of both.
    #[must_use]
    pub fn with_roles(&self, roles: Arc<Roles>) -> Self {
        Self { roles, ..self.clone() }
    }

    /// Creates an account and returns its id. `actor` is who does it, for the audit log.
    pub async fn create(&self, actor: &str, account: NewAccount) -> Result<String, Error> {
        self.check(&account)?;
        let hash = hash(account.password.clone()).await?;
        let id = Uuid::now_v7().hyphenated().to_string();
        let scram = self.sealed_verifier(&id, &account.login_name, &account.password).await?;
        let now = self.clock.now();
        let _raised = self.raise_epoch();
        let mut tx = self.store.begin_write().await.map_err(begin)?;
        let sql = "INSERT INTO account (id, login_name, name, password_hash, scram, kind, state, fail_count, \
                   created_at) VALUES ($1, $2, $3, $4, $5, $6, 'active', 0, $7)";
        let kind = account.kind.as_str();
        let binds = [&id, &account.login_name, &account.name, &hash, &scram, kind, &clock::stored(&now)]
            .map(Bind::text)
            .to_vec();
        execute(tx.connection(), sql, binds).await.map_err(|e| match StoreError::from(e) {
            StoreError::Duplicate { .. } => Error::Conflict(FieldError::new(
                "login_name",
                "duplicate",
                format!("账号“{}”已存在，请换一个", account.login_name),
            )),
            source => Error::Store { operation: "create an account", source },
        })?;
        grants::write(&mut tx, &id, &account.roles, &account.assignments, &now).await?;
        let after = grants::described(&account.name, &account.roles, &account.assignments);
        audit::append(&mut tx, &now, entry(actor, "create", &account.login_name, Some(after))).await?;
        tx.commit().await.map_err(commit)?;
        Ok(id)
    }

    /// Creates a demonstration account, or gives the one of this name the new password, roles and rows.
    pub async fn put_demonstration(&self, account: NewAccount) -> Result<(), Error> {
        let account = NewAccount { kind: AccountKind::Demonstration, ..account };
        match self.find(&account.login_name).await? {
            None => self.create("demo", account).await.map(|_| ()),
            Some(found) if found.kind == AccountKind::Demonstration => {
                self.set_password("demo", &account.login_name, account.password).await?;
                self.set_grants("demo", &account.login_name, &account.roles, &account.assignments).await
            }
            Some(_) => Err(Error::Conflict(FieldError::new(
                "login_name",
                "duplicate",
                format!("账号“{}”是正式账号，不能改作演示账号", account.login_name),
            ))),
        }
    }

    /// Replaces a password and ends the account's sessions.
    pub async fn set_password(&self, actor: &str, login_name: &str, new: String) -> Result<(), Error> {
        let account = self.existing(login_name).await?;
        if account.kind == AccountKind::Person
            && let Some(weakness) = password::weakness(login_name, &new)
        {
            return Err(Error::invalid("password", "weak_password", weakness));
        }
        let id = account.identity.account_id;
        let scram = self.sealed_verifier(&id, login_name, &new).await?;
        let hash = hash(new).await?;
        let now = self.clock.now();
        let _raised = self.raise_epoch();
        let mut tx = self.store.begin_write().await.map_err(begin)?;
        let failed = || Error::store("replace a password");
        let sql = "UPDATE account SET password_hash = $1, scram = $2, fail_count = 0, locked_until = NULL \
                   WHERE id = $3";
        let binds = [&hash, &scram, &id].map(Bind::text).to_vec();
        execute(tx.connection(), sql, binds).await.map_err(failed())?;
        let sql = "DELETE FROM session WHERE account_id = $1 OR viewer_account_id = $1";
        execute(tx.connection(), sql, vec![Bind::text(id)]).await.map_err(failed())?;
        audit::append(&mut tx, &now, entry(actor, "set_password", login_name, None)).await?;
        tx.commit().await.map_err(commit)
    }

    fn check(&self, account: &NewAccount) -> Result<(), Error> {
        let mut errors = Vec::new();
        if !is_login_name(&account.login_name) {
            let message = "账号须为 2–32 位字母、数字、点、横线或下划线";
            errors.push(FieldError::new("login_name", "bad_format", message));
        }
        let length = account.name.trim().chars().count();
        if !(1..=50).contains(&length) || account.name.chars().any(char::is_control) {
            errors.push(FieldError::new("name", "required", "请填写姓名，最多 50 个字"));
        }
        // Whoever starts a demonstration chooses its password; it is worth nothing off this machine.
        if account.kind == AccountKind::Person
            && let Some(weakness) = password::weakness(&account.login_name, &account.password)
        {
            errors.push(FieldError::new("password", "weak_password", weakness));
        }
        errors.extend(self.grant_errors(&account.roles, &account.assignments));
        if errors.is_empty() { Ok(()) } else { Err(Error::Invalid { errors }) }
    }
}

fn is_login_name(text: &str) -> bool {
    (2..=32).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

/// Argon2id takes tens of milliseconds by design: never on a thread that serves requests.
async fn hash(password: String) -> Result<String, Error> {
    tokio::task::spawn_blocking(move || password::hash(&password))
        .await
        .map_err(|_| Error::Stopped { operation: "hash a password" })?
        .map_err(|source| Error::Password { source })
}

fn entry(actor: &str, action: &str, login_name: &str, after: Option<serde_json::Value>) -> audit::Entry {
    audit::Entry {
        actor: actor.to_owned(),
        action: action.to_owned(),
        target_type: "account".into(),
        target_id: login_name.to_owned(),
        after: after.or_else(|| Some(json!({}))),
        ..Default::default()
    }
}

fn begin(source: StoreError) -> Error {
    Error::Store { operation: "begin a change of accounts", source }
}

fn commit(source: StoreError) -> Error {
    Error::Store { operation: "commit a change of accounts", source }
}
