//! The demonstration accounts and their password. They work only while the server listens on loopback.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use pujiang_security::{Assignment, RoleId, district::DISTRICTS};
use pujiang_transactional::accounts::{AccountKind, Accounts, NewAccount};
use rand::Rng;

use super::fill::Narrow;

/// Variable that fixes the password.
const VARIABLE: &str = "PUJIANG_DEMO_PASSWORD";
/// File in the data folder with the password made up for it.
const FILE: &str = "demo-password";

/// Where the password comes from.
pub enum Password {
    /// The environment gave it; it is not written down.
    Given(String),
    /// Made up for this data folder.
    Made(String),
}

impl Password {
    /// The password of the environment, or a new one kept in the data folder.
    pub fn for_folder(data: &Path) -> anyhow::Result<Self> {
        match std::env::var(VARIABLE) {
            Ok(given) if given.is_empty() => anyhow::bail!("{VARIABLE} is empty; set a password or unset it"),
            Ok(given) => Ok(Self::Given(given)),
            Err(_) => {
                let made = invent();
                let path = data.join(FILE);
                let mut file = std::fs::OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(&path)
                    .with_context(|| format!("writing {}", path.display()))?;
                writeln!(file, "{made}").with_context(|| format!("writing {}", path.display()))?;
                Ok(Self::Made(made))
            }
        }
    }

    /// The password in clear.
    pub fn reveal(&self) -> &str {
        match self {
            Self::Given(text) | Self::Made(text) => text,
        }
    }
}

/// Sixteen characters that are not mistaken for each other; from the system's randomness, not from the seed.
fn invent() -> String {
    const CHARACTERS: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut rng = rand::rng();
    (0..16).map(|_| char::from(CHARACTERS[rng.random_range(0..CHARACTERS.len())])).collect()
}

/// Login name, name, roles and rows of an account.
type Grants = (String, String, Vec<RoleId>, Vec<Assignment>);

/// The accounts that are the same in every city.
fn all() -> Vec<Grants> {
    let mut accounts = vec![
        ("city".into(), "市级分析员".into(), vec!["city_analyst".into()], vec![Assignment::City]),
        ("leader".into(), "分管领导".into(), vec!["leader".into()], vec![Assignment::City]),
        ("sysadmin".into(), "系统管理员".into(), vec!["sys_admin".into()], vec![]),
        ("secadmin".into(), "安全管理员".into(), vec!["sec_admin".into()], vec![]),
        ("auditor".into(), "审计员".into(), vec!["auditor".into()], vec![]),
    ];
    accounts.extend(DISTRICTS.iter().map(|district| {
        let roles = vec!["district_clerk".into()];
        (
            format!("d{}", district.code.as_str()),
            format!("{}经办员", district.name),
            roles,
            vec![Assignment::District(district.code)],
        )
    }));
    accounts
}

/// Accounts that see less than a district; their places are known only when the city is drawn.
fn narrow(places: &Narrow) -> anyhow::Result<Vec<Grants>> {
    let rows = |text: String| Assignment::parse(&text).map(|one| vec![one]).context("granting rows");
    let (street, organization, person) = (places.street, &places.organization, &places.person);
    Ok(vec![
        (
            "street".into(),
            "街道经办员".into(),
            vec!["street_clerk".into()],
            rows(format!("street:{street}"))?,
        ),
        (
            "unit".into(),
            "单位经办人".into(),
            vec!["unit_clerk".into()],
            rows(format!("organization:{organization}"))?,
        ),
        ("holder".into(), "优待对象本人".into(), vec!["holder".into()], rows(format!("person:{person}"))?),
    ])
}

/// Creates the accounts of the city and its districts, before there are data.
pub async fn create(accounts: &Accounts, password: &Password) -> anyhow::Result<()> {
    put(accounts, password, all()).await
}

/// Creates the accounts that see less than a district.
pub async fn create_narrow(accounts: &Accounts, password: &Password, places: &Narrow) -> anyhow::Result<()> {
    put(accounts, password, narrow(places)?).await
}

async fn put(accounts: &Accounts, password: &Password, all: Vec<Grants>) -> anyhow::Result<()> {
    for (login_name, name, roles, assignments) in all {
        let account = NewAccount {
            login_name: login_name.clone(),
            name,
            password: password.reveal().to_owned(),
            roles,
            assignments,
            kind: AccountKind::Demonstration,
        };
        accounts
            .put_demonstration(account)
            .await
            .map_err(|error| anyhow::anyhow!("creating account {login_name}: {error}"))?;
    }
    Ok(())
}
