//! Looking through other eyes: the same rows, no hands, a trace in the audit log, and an end.

use pujiang_security::{Permission, Principal};
use pujiang_transactional::accounts::{Accounts, NewAccount};
use pujiang_transactional::{ErrorKind, ListQuery, audit};
use serde_json::json;

use crate::accounts::{SetClock, clerk};
use crate::support::{Bench, UNIT_A, UNIT_B, faults, map, on_each};

async fn security_administrator(bench: &Bench, accounts: &Accounts) -> Principal {
    let account = NewAccount {
        login_name: "secadmin".into(),
        roles: vec!["sec_admin".into()],
        assignments: vec![],
        ..clerk()
    };
    accounts.create("test", account).await.unwrap();
    bench.issuer.issue(accounts.find("secadmin").await.unwrap().unwrap().identity)
}

#[tokio::test]
async fn the_view_shows_the_rows_and_lends_no_hands() {
    on_each(async |bench| {
        let accounts = bench.accounts();
        accounts.create("test", clerk()).await.unwrap();
        let viewer = security_administrator(&bench, &accounts).await;
        let (a, b) = (bench.merchant("310104", UNIT_A).await, bench.merchant("310105", UNIT_B).await);
        let (token, opened) =
            accounts.open_view(&viewer, "d310104", "核对投诉", Some("10.0.0.1")).await.unwrap();
        let session = accounts.resolve(&token).await.unwrap().unwrap();
        assert_eq!(session, opened);
        assert_eq!(session.identity.viewer.as_deref(), Some("secadmin"));
        let eyes = bench.issuer.issue(session.identity);
        assert!(eyes.can(Permission::ResourceRead) && !eyes.can(Permission::ResourceWrite));
        let page = bench.engine.list(&eyes, "merchant_profile", &ListQuery::default()).await.unwrap();
        assert_eq!((page.total, page.items[0].id()), (1, a.as_str()));
        assert!(bench.engine.get(&eyes, "merchant_profile", &b).await.is_err());
        let body = map(json!({"name": "改", "credit_code": UNIT_A, "category": "文旅"}));
        for error in [
            bench.engine.create(&eyes, "merchant_profile", &body).await.err(),
            bench.engine.update(&eyes, "merchant_profile", &a, Some(2), &body).await.err(),
            bench.engine.delete(&eyes, "merchant_profile", &a, None, None).await.err(),
        ] {
            assert_eq!(error.map(|e| e.kind()), Some(ErrorKind::Forbidden));
        }
        let entries = audit::list(bench.engine.store(), 0, 100).await.unwrap();
        let look = entries.iter().find(|e| e.content["action"] == json!("view_as")).unwrap();
        for (key, expected) in
            [("actor", "secadmin"), ("target_id", "d310104"), ("reason", "核对投诉"), ("origin", "10.0.0.1")]
        {
            assert_eq!(look.content[key], json!(expected), "{key}");
        }
    })
    .await;
}

#[tokio::test]
async fn roles_named_by_definitions_do_not_let_a_viewer_write() {
    // `region` names its writers and its transitions by role; a check of permissions alone would let eyes through.
    on_each(async |bench| {
        let region = json!({"region_code": "310104", "name": "徐汇区", "level": "district"});
        let made = bench.create(&bench.city(), "region", region.clone()).await.unwrap();
        let mut eyes = pujiang_security::Identity {
            account_id: "1".into(),
            account: "sysadmin".into(),
            name: "系统管理员".into(),
            roles: vec!["sys_admin".into(), "city_analyst".into()],
            assignments: vec![pujiang_security::Assignment::City],
            viewer: None,
        };
        let own = bench.issuer.issue(eyes.clone());
        eyes.viewer = Some("secadmin".into());
        let eyes = bench.issuer.issue(eyes);
        let error =
            bench.engine.update(&eyes, "region", made.id(), Some(1), &map(json!({"name": "x"}))).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Forbidden);
        let act =
            async |who: &_| bench.engine.act(who, "region", made.id(), "retire", None, Some("撤销")).await;
        assert_eq!(act(&eyes).await.unwrap_err().kind(), ErrorKind::Forbidden);
        let def = bench.engine.definitions().get("region").unwrap();
        assert!(!bench.engine.capabilities(&eyes, def).update);
        act(&own).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn only_a_security_administrator_looks_and_says_why() {
    on_each(async |bench| {
        let accounts = bench.accounts();
        accounts.create("test", clerk()).await.unwrap();
        let viewer = security_administrator(&bench, &accounts).await;
        let nobody = bench.clerk("310105");
        let refused = accounts.open_view(&nobody, "d310104", "看看", None).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Forbidden);
        for (target, reason, fault) in [
            ("d310104", " ", "reason:required"),
            ("d310104", &"长".repeat(501), "reason:required"),
            ("secadmin", "看看", "account:own_account"),
        ] {
            let error = accounts.open_view(&viewer, target, reason, None).await.unwrap_err();
            assert_eq!(faults(&error), [fault]);
        }
        let missing = accounts.open_view(&viewer, "nobody", "看看", None).await.unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
        // Eyes that look through eyes.
        let mut identity = accounts.find("secadmin").await.unwrap().unwrap().identity;
        identity.viewer = Some("another".into());
        let eyes = bench.issuer.issue(identity);
        assert!(accounts.open_view(&eyes, "d310104", "看看", None).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_view_ends_with_time_right_and_password() {
    on_each(async |bench| {
        let clock = SetClock::new();
        let accounts = bench.accounts().with_clock(clock.clone());
        accounts.create("test", clerk()).await.unwrap();
        let viewer = security_administrator(&bench, &accounts).await;
        let open = async || accounts.open_view(&viewer, "d310104", "核对", None).await.unwrap().0;
        let lives = async |token: &str| accounts.resolve(token).await.unwrap().is_some();
        let token = open().await;
        assert!(lives(&token).await);
        clock.pass(61);
        assert!(!lives(&token).await, "an hour is over");
        let token = open().await;
        let epoch = accounts.epoch();
        accounts.set_grants("test", "secadmin", &["auditor".into()], &[]).await.unwrap();
        assert!(accounts.epoch() > epoch);
        assert!(!lives(&token).await, "no longer a security administrator");
        accounts.set_grants("test", "secadmin", &["sec_admin".into()], &[]).await.unwrap();
        assert!(lives(&token).await);
        accounts.set_password("test", "secadmin", "Pujiang2027".into()).await.unwrap();
        assert!(!lives(&token).await, "a new password ends what the old one opened");
        let token = open().await;
        accounts.set_password("test", "d310104", "Pujiang2027".into()).await.unwrap();
        assert!(!lives(&token).await);
    })
    .await;
}
