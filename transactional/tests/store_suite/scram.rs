//! The PostgreSQL door's login: verifiers beside the hashes, fakes for strangers, the same lock and audit as the other.

use pujiang_security::ScramVerifier;
use pujiang_transactional::accounts::{Accounts, Login, ScramLogin};
use pujiang_transactional::audit;
use serde_json::json;

use crate::accounts::{SetClock, clerk};
use crate::support::{Bench, on_each};

async fn verifier(accounts: &Accounts, name: &str) -> ScramVerifier {
    accounts.scram(name).await.unwrap().verifier
}

async fn forget_verifiers(bench: &Bench) {
    sqlx::query("UPDATE account SET scram = NULL").execute(bench.engine.store().pool()).await.unwrap();
}

#[tokio::test]
async fn a_password_has_its_sealed_verifier() {
    on_each(async |bench| {
        let accounts = bench.accounts();
        accounts.create("test", clerk()).await.unwrap();
        let first = verifier(&accounts, "d310104").await;
        assert!(first.matches("Pujiang2026") && !first.matches("Pujiang2027"));
        let stored = bench.column("SELECT scram FROM account").await;
        assert!(stored[0].starts_with("k1:"), "sealed, or whoever reads the table can log in");
        accounts.set_password("test", "d310104", "Pujiang2027".into()).await.unwrap();
        let second = verifier(&accounts, "d310104").await;
        assert!(second.matches("Pujiang2027"));
        // Sealed for its account: moved to another one it opens nothing.
        let other = pujiang_transactional::accounts::NewAccount { login_name: "other".into(), ..clerk() };
        accounts.create("test", other).await.unwrap();
        let sql = "UPDATE account SET scram = (SELECT scram FROM account WHERE login_name = 'd310104') \
                   WHERE login_name = 'other'";
        sqlx::query(sql).execute(bench.engine.store().pool()).await.unwrap();
        assert!(!verifier(&accounts, "other").await.matches("Pujiang2027"));
    })
    .await;
}

#[tokio::test]
async fn an_account_of_an_earlier_version_gets_its_verifier_at_the_next_login() {
    on_each(async |bench| {
        let accounts = bench.accounts();
        accounts.create("test", clerk()).await.unwrap();
        forget_verifiers(&bench).await;
        assert!(!verifier(&accounts, "d310104").await.matches("Pujiang2026"));
        assert_eq!(accounts.login("d310104", "wrong-pass-1", None).await.unwrap(), Login::Refused);
        assert!(
            !verifier(&accounts, "d310104").await.matches("wrong-pass-1"),
            "only a right password counts"
        );
        assert!(matches!(
            accounts.login("d310104", "Pujiang2026", None).await.unwrap(),
            Login::Granted { .. }
        ));
        assert!(verifier(&accounts, "d310104").await.matches("Pujiang2026"));
    })
    .await;
}

#[tokio::test]
async fn strangers_cannot_be_told_from_accounts() {
    on_each(async |bench| {
        let accounts = bench.accounts();
        let before = verifier(&accounts, "d310104").await;
        accounts.create("test", clerk()).await.unwrap();
        let after = verifier(&accounts, "d310104").await;
        accounts.set_password("test", "d310104", "Pujiang2027".into()).await.unwrap();
        let changed = verifier(&accounts, "d310104").await;
        for seen in [&after, &changed] {
            assert_eq!((seen.salt, seen.iterations), (before.salt, before.iterations));
        }
        let stranger = verifier(&accounts, "nobody").await;
        assert_ne!(stranger.salt, before.salt);
        assert_eq!(stranger, verifier(&accounts, "nobody").await, "the same each time");
        assert_eq!(stranger.iterations, before.iterations);
        for odd in ["", "名", "a' OR 1=1", "x\u{0}y"] {
            assert_eq!(verifier(&accounts, odd).await, verifier(&accounts, odd).await);
            accounts.scram_failed(odd, None).await.unwrap();
        }
        // Frozen: the salt stays, the password is worth nothing.
        sqlx::query("UPDATE account SET state = 'frozen'")
            .execute(bench.engine.store().pool())
            .await
            .unwrap();
        let frozen = verifier(&accounts, "d310104").await;
        assert_eq!(frozen.salt, before.salt);
        assert!(!frozen.matches("Pujiang2027"));
        assert_eq!(accounts.scram_succeeded("d310104", None).await.unwrap(), ScramLogin::Refused);
        assert_eq!(
            accounts
                .identity(&accounts.find("d310104").await.unwrap().unwrap().identity.account_id)
                .await
                .unwrap(),
            None
        );
    })
    .await;
}

#[tokio::test]
async fn both_doors_share_one_lock() {
    on_each(async |bench| {
        let clock = SetClock::new();
        let accounts = bench.accounts().with_clock(clock.clone());
        accounts.create("test", clerk()).await.unwrap();
        for _ in 0..3 {
            accounts.scram_failed("d310104", Some("10.0.0.1")).await.unwrap();
        }
        for _ in 0..2 {
            accounts.login("d310104", "wrong", None).await.unwrap();
        }
        let login = accounts.login("d310104", "Pujiang2026", None).await.unwrap();
        assert!(matches!(login, Login::Locked { .. }));
        let locked = verifier(&accounts, "d310104").await;
        assert!(!locked.matches("Pujiang2026"), "not even with the right password");
        // A right proof that was begun before the lock comes too late.
        let late = accounts.scram_succeeded("d310104", None).await.unwrap();
        assert!(matches!(late, ScramLogin::Locked { .. }));
        clock.pass(16);
        let ScramLogin::Granted(account) =
            accounts.scram_succeeded("d310104", Some("10.0.0.1")).await.unwrap()
        else {
            panic!("must be let in");
        };
        assert_eq!(account.identity.account, "d310104");
        assert!(account.last_login_at.is_some());
        for _ in 0..4 {
            accounts.scram_failed("d310104", None).await.unwrap();
        }
        assert!(verifier(&accounts, "d310104").await.matches("Pujiang2026"), "a success starts a new count");
        let entries = audit::list(bench.engine.store(), 0, 100).await.unwrap();
        let logins: Vec<_> = entries
            .iter()
            .filter(|e| e.content["action"] == json!("login"))
            .map(|e| e.content["reason"].as_str().unwrap_or("in").to_owned())
            .collect();
        let expected = ["wrong", "wrong", "wrong", "wrong", "wrong", "locked", "locked", "in"];
        assert_eq!(logins[..8], expected);
        assert!(audit::verify(bench.engine.store()).await.unwrap().is_ok());
    })
    .await;
}
