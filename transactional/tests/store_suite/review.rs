//! Change requests: asked for with a reason, decided by somebody else, applied as they were asked, and on record.

use pujiang_security::Principal;
use pujiang_transactional::engine::{Decision, Task, TaskKind, TaskList, TaskState};
use pujiang_transactional::{Error, ErrorKind, audit};
use serde_json::{Value as Json, json};

use crate::support::{Bench, UNIT_A, UNIT_B, faults, map, on_each};

const UNITS: &str = "merchant_profile";
const ACCOUNT: &str = "6222021234567890";

async fn ask(bench: &Bench, who: &Principal, unit: &str, fields: Json) -> Result<Task, Error> {
    let version = bench.engine.get(who, UNITS, unit).await.unwrap().version;
    bench.engine.request_change(who, UNITS, unit, Some(version), &map(fields), Some("更换开户行")).await
}

async fn titles(bench: &Bench, who: &Principal, list: TaskList) -> Vec<String> {
    let tasks = bench.engine.tasks(who, list).await.unwrap();
    tasks.into_iter().map(|task| format!("{} {}", task.title, task.state.as_str())).collect()
}

#[tokio::test]
async fn attack_13_a_new_account_goes_through_review() {
    on_each(async |bench| {
        let unit = bench.merchant("310104", UNIT_A).await;
        let (clerk, city) = (bench.clerk("310104"), bench.city());
        let task = ask(&bench, &clerk, &unit, json!({"settle_account": ACCOUNT})).await.unwrap();
        assert_eq!(
            (task.kind, task.state, task.reason.as_deref()),
            (TaskKind::Change, TaskState::Open, Some("更换开户行"))
        );
        assert_eq!(task.changes[0].to.as_deref(), Some("6222********7890"), "masked as everywhere");
        assert_eq!(task.decisions, [Decision::Withdraw]);
        assert_eq!(bench.engine.get(&clerk, UNITS, &unit).await.unwrap().body["settle_account"], Json::Null);
        // The values asked for lie sealed, here and in the audit log.
        for sql in [
            "SELECT sealed FROM review_task",
            "SELECT changes FROM review_task",
            "SELECT after FROM audit_log",
        ] {
            assert!(bench.column(sql).await.iter().all(|text| !text.contains(ACCOUNT)), "{sql}");
        }
        let again = ask(&bench, &clerk, &unit, json!({"name": "改"})).await.unwrap_err();
        assert_eq!(faults(&again), ["id:already_requested"]);
        // Neither the applicant nor anybody without the right decides; others do not see it.
        let decide = async |who: &Principal, decision, reason| {
            bench.engine.decide(who, &task.id, decision, reason).await
        };
        assert_eq!(decide(&clerk, Decision::Approve, None).await.unwrap_err().kind(), ErrorKind::Forbidden);
        let elsewhere = bench.clerk("310105");
        assert_eq!(
            decide(&elsewhere, Decision::Refuse, Some("x")).await.unwrap_err().kind(),
            ErrorKind::NotFound
        );
        assert!(titles(&bench, &elsewhere, TaskList::Todo).await.is_empty());
        assert_eq!(titles(&bench, &city, TaskList::Todo).await, ["优待服务提供单位变更 open"]);
        let done = decide(&city, Decision::Approve, None).await.unwrap();
        assert_eq!((done.state, done.decided_by.as_deref()), (TaskState::Approved, Some("city")));
        let record = bench.engine.get(&clerk, UNITS, &unit).await.unwrap();
        assert_eq!(
            (&record.body["settle_account"], &record.body["state"]),
            (&json!("6222********7890"), &json!("active"))
        );
        let sealed = bench.column("SELECT settle_account_cipher FROM merchant_profile").await;
        let context = format!("merchant_profile.settle_account:{unit}");
        assert_eq!(bench.cipher.decrypt(&context, &sealed[0]).unwrap(), ACCOUNT, "applied as it was asked");
        assert_eq!(decide(&city, Decision::Approve, None).await.unwrap_err().kind(), ErrorKind::Conflict);
        assert_eq!(titles(&bench, &clerk, TaskList::Started).await, ["优待服务提供单位变更 approved"]);
        assert_eq!(titles(&bench, &city, TaskList::Done).await, ["优待服务提供单位变更 approved"]);
        assert_eq!(
            bench.column("SELECT sealed FROM review_task").await,
            [""],
            "not kept longer than the question"
        );
        assert!(audit::verify(bench.engine.store()).await.unwrap().is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_request_is_refused_withdrawn_or_overtaken() {
    on_each(async |bench| {
        let unit = bench.merchant("310104", UNIT_A).await;
        let (clerk, city) = (bench.clerk("310104"), bench.city());
        let decide = async |who: &Principal, task: &Task, decision, reason| {
            bench.engine.decide(who, &task.id, decision, reason).await
        };
        let task = ask(&bench, &clerk, &unit, json!({"name": "改名"})).await.unwrap();
        let error = decide(&city, &task, Decision::Refuse, None).await.unwrap_err();
        assert_eq!(faults(&error), ["reason:required"]);
        let refused = decide(&city, &task, Decision::Refuse, Some("证照不符")).await.unwrap();
        assert_eq!(refused.decision_reason.as_deref(), Some("证照不符"));
        let task = ask(&bench, &clerk, &unit, json!({"name": "改名"})).await.unwrap();
        assert_eq!(
            decide(&city, &task, Decision::Withdraw, None).await.unwrap_err().kind(),
            ErrorKind::Forbidden
        );
        decide(&clerk, &task, Decision::Withdraw, None).await.unwrap();
        // Somebody who is not looking must not undo what came between.
        let task = ask(&bench, &clerk, &unit, json!({"name": "改名"})).await.unwrap();
        sqlx::query("UPDATE merchant_profile SET name = '他人所改'")
            .execute(bench.engine.store().pool())
            .await
            .unwrap();
        let error = decide(&city, &task, Decision::Approve, None).await.unwrap_err();
        assert_eq!(faults(&error), ["id:stale_request"]);
        decide(&clerk, &task, Decision::Withdraw, None).await.unwrap();
        // Nobody approves what he asked for himself.
        let own = ask(&bench, &city, &unit, json!({"name": "自批"})).await.unwrap();
        let error = decide(&city, &own, Decision::Approve, None).await.unwrap_err();
        assert!(error.kind() == ErrorKind::Forbidden && error.to_string().contains("另一位"), "{error}");
        let second = bench.person("city2", &["city_analyst"], &[pujiang_security::Assignment::City]);
        decide(&second, &own, Decision::Approve, None).await.unwrap();
        assert_eq!(bench.engine.get(&city, UNITS, &unit).await.unwrap().body["name"], json!("自批"));
    })
    .await;
}

#[tokio::test]
async fn requests_are_checked_like_changes() {
    on_each(async |bench| {
        let unit = bench.merchant("310104", UNIT_A).await;
        bench.merchant("310104", UNIT_B).await;
        let clerk = bench.clerk("310104");
        for (fields, fault) in [
            (json!({}), "fields:no_change"),
            (json!({"category": "文旅"}), "fields:no_change"),
            (json!({"category": "钓鱼"}), "category:bad_code"),
            (json!({"credit_code": UNIT_B}), "credit_code:duplicate"),
            (json!({"street_code": "310105001"}), "street_code:street_of_other_district"),
            (json!({"district_code": "310105"}), "district_code:out_of_scope"),
            (json!({"source": "单位自主"}), "source:not_yours"),
            (json!({"colour": 1}), "colour:unknown_field"),
        ] {
            assert_eq!(
                faults(&ask(&bench, &clerk, &unit, fields.clone()).await.unwrap_err()),
                [fault],
                "{fields}"
            );
        }
        let fields = map(json!({"name": "改"}));
        let request = async |version, reason| {
            bench.engine.request_change(&clerk, UNITS, &unit, version, &fields, reason).await.unwrap_err()
        };
        assert_eq!(request(None, Some("x")).await.kind(), ErrorKind::PreconditionRequired);
        assert_eq!(request(Some(1), Some("x")).await.kind(), ErrorKind::PreconditionFailed);
        assert_eq!(faults(&request(Some(2), None).await), ["reason:required"]);
        // What changes directly needs no review.
        let body = json!({"name": "乙", "credit_code": "913157614035081899", "category": "文旅"});
        let pending = bench.create(&clerk, UNITS, body).await.unwrap();
        let error = ask(&bench, &clerk, pending.id(), json!({"name": "丙"})).await.unwrap_err();
        assert!(error.to_string().contains("直接修改"), "{error}");
    })
    .await;
}
