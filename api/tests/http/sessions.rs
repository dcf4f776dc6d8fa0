//! Logging in, being locked out, logging out, and what demonstration accounts are worth.

use pujiang_security::Assignment;
use pujiang_transactional::accounts::AccountKind;
use serde_json::json;

use crate::support::{PASSWORD, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn a_session_opens_and_closes() {
    let app = TestApp::start().await;
    let clerk = app.clerk("310104").await;
    let session = clerk.get("/api/v1/session").await.expect(200);
    let principal = &session["principal"];
    assert_eq!(principal["account"], "d310104");
    assert_eq!(principal["roles"], json!(["district_clerk"]));
    assert_eq!(
        principal["scope"],
        json!({"level": "district", "districts": ["310104"], "label": "仅徐汇区"})
    );
    assert!(principal["permissions"].as_array().is_some_and(|all| all.contains(&json!("resource_write"))));
    assert_eq!(clerk.delete("/api/v1/session", None).await.status, 204);
    clerk.get("/api/v1/session").await.expect_problem(401, "session_over");
    app.anonymous().get("/api/v1/session").await.expect_problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn five_failures_lock_the_account() {
    let app = TestApp::start().await;
    app.city().await;
    let wrong = json!({"account": "city", "password": "wrong"});
    let right = json!({"account": "city", "password": PASSWORD});
    for _ in 0..5 {
        app.anonymous().post("/api/v1/session", &wrong).await.expect_problem(401, "wrong_credentials");
    }
    let locked = app.anonymous().post("/api/v1/session", &right).await;
    assert!(locked.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 600));
    locked.expect_problem(429, "account_locked");
    let nobody = json!({"account": "nobody' or 1=1--", "password": PASSWORD});
    app.anonymous().post("/api/v1/session", &nobody).await.expect_problem(401, "wrong_credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn demonstration_accounts_work_on_loopback_only() {
    let body = json!({"account": "city", "password": PASSWORD});
    let local = TestApp::start().await;
    local.account("city", &["city_analyst"], &[Assignment::City], AccountKind::Demonstration).await;
    local.anonymous().post("/api/v1/session", &body).await.expect(200);
    assert_eq!(local.anonymous().get("/api/v1/about").await.expect(200)["demo"], true);

    let open = TestApp::start_on_network().await;
    open.account("city", &["city_analyst"], &[Assignment::City], AccountKind::Demonstration).await;
    open.anonymous().post("/api/v1/session", &body).await.expect_problem(403, "demonstration_account");
    assert_eq!(open.anonymous().get("/api/v1/about").await.expect(200)["demo"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_grant_works_at_once() {
    let app = TestApp::start().await;
    let clerk = app.clerk("310104").await;
    let district = Assignment::parse("310105").expect("district");
    app.app
        .accounts
        .set_grants("test", "d310104", &["district_clerk".into()], &[district])
        .await
        .expect("grants");
    let session = clerk.get("/api/v1/session").await.expect(200);
    assert_eq!(session["principal"]["scope"]["districts"], json!(["310105"]));
}

/// Session look-ups are kept for a moment; what changes in this process must not wait for that moment.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_kept_sessions_at_once() {
    let app = TestApp::start().await;
    let clerk = app.clerk("310104").await;
    clerk.get("/api/v1/boards").await.expect(200);
    let accounts = &app.app.accounts;
    accounts.set_password("test", "d310104", "Another-Pass-2026".to_owned()).await.expect("password");
    clerk.get("/api/v1/boards").await.expect_problem(401, "session_over");
}

/// Another process does not raise our epoch: its changes are seen when the look-up is no longer fresh.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_by_another_process_is_seen_within_a_second() {
    let app = TestApp::start().await;
    let clerk = app.clerk("310104").await;
    clerk.get("/api/v1/boards").await.expect(200);
    sqlx::query("DELETE FROM session").execute(app.app.store.pool()).await.expect("another process");
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    clerk.get("/api/v1/boards").await.expect_problem(401, "session_over");
}

/// A flood of guesses waits in a line that has an end; whoever is sent away has not used up a guess.
#[tokio::test(flavor = "multi_thread")]
async fn attack_21_a_flood_of_log_ins_is_sent_away() {
    let app = TestApp::start().await;
    app.clerk("310104").await;
    let guesses = (0..400).map(|number| {
        let nobody = app.anonymous();
        async move {
            let body = json!({"account": format!("nobody{number}"), "password": "wrong-password-1"});
            nobody.post("/api/v1/session", &body).await
        }
    });
    let answers = futures::future::join_all(guesses).await;
    let sent_away: Vec<_> = answers.into_iter().filter(|answer| answer.status == 503).collect();
    assert!(!sent_away.is_empty(), "four hundred log-ins at a time found a place");
    for answer in sent_away {
        assert_eq!(answer.header("retry-after"), "2");
        answer.expect_problem(503, "too_many_logins");
    }
    let body = json!({"account": "d310104", "password": PASSWORD});
    app.anonymous().post("/api/v1/session", &body).await.expect(200);
}
