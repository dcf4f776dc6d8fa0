//! Districts and roles: what lies outside is not found, and cannot be written into.

use pujiang_transactional::{ErrorKind, ListQuery};
use serde_json::json;

use crate::support::{UNIT_A, UNIT_B, faults, map, on_each};

#[tokio::test]
async fn another_district_does_not_exist() {
    on_each(async |bench| {
        let (a, b) = (bench.merchant("310104", UNIT_A).await, bench.merchant("310105", UNIT_B).await);
        let clerk = bench.clerk("310104");
        let engine = &bench.engine;
        assert!(engine.get(&clerk, "merchant_profile", &a).await.is_ok());
        let body = map(json!({"name": "改"}));
        for error in [
            engine.get(&clerk, "merchant_profile", &b).await.err(),
            engine.update(&clerk, "merchant_profile", &b, Some(2), &body).await.err(),
            engine.update(&clerk, "merchant_profile", &b, None, &body).await.err(),
            engine.delete(&clerk, "merchant_profile", &b, None, None).await.err(),
        ] {
            assert_eq!(error.map(|e| e.kind()), Some(ErrorKind::NotFound));
        }
        let page = engine.list(&clerk, "merchant_profile", &ListQuery::default()).await.unwrap();
        assert_eq!((page.total, page.items.len()), (1, 1));
        let search = ListQuery { search: Some(UNIT_B.into()), ..Default::default() };
        assert_eq!(engine.list(&clerk, "merchant_profile", &search).await.unwrap().total, 0);
        // A reference into another district answers like one to nothing.
        let error = bench.transaction(&clerk, &b, "1").await.unwrap_err();
        assert_eq!(faults(&error), ["merchant_id:unknown_reference"]);
        let made = bench.transaction(&clerk, &a, "1").await.unwrap();
        let reverse = engine
            .act(&bench.clerk("310105"), "benefit_transaction", made.id(), "reverse", None, Some("x"))
            .await;
        assert_eq!(reverse.unwrap_err().kind(), ErrorKind::NotFound);
    })
    .await;
}

#[tokio::test]
async fn nobody_writes_into_a_district_they_cannot_see() {
    on_each(async |bench| {
        let clerk = bench.clerk("310104");
        let body =
            json!({"name": "甲", "credit_code": UNIT_A, "category": "文旅", "district_code": "310105"});
        let error = bench.create(&clerk, "merchant_profile", body).await.unwrap_err();
        assert_eq!(faults(&error), ["district_code:out_of_scope"]);
        let body = json!({"name": "甲", "credit_code": UNIT_A, "category": "文旅"});
        let unit = bench.create(&clerk, "merchant_profile", body).await.unwrap();
        let body = map(json!({"district_code": "310105"}));
        let error =
            bench.engine.update(&clerk, "merchant_profile", unit.id(), Some(1), &body).await.unwrap_err();
        assert_eq!(faults(&error), ["district_code:out_of_scope"]);
    })
    .await;
}

#[tokio::test]
async fn roles_limit_what_is_done() {
    on_each(async |bench| {
        let unit = bench.merchant("310104", UNIT_A).await;
        let nobody = bench.person("nobody", &["city_analyst"], &[]);
        let page = bench.engine.list(&nobody, "merchant_profile", &ListQuery::default()).await.unwrap();
        assert_eq!(page.total, 0, "no assignment, no rows");
        assert_eq!(
            bench.engine.get(&nobody, "merchant_profile", &unit).await.unwrap_err().kind(),
            ErrorKind::NotFound
        );
        for role in ["leader", "sys_admin", "sec_admin", "auditor"] {
            let who = bench.person("x", &[role], &[pujiang_security::Assignment::City]);
            let list = bench.engine.list(&who, "merchant_profile", &ListQuery::default()).await;
            assert_eq!(list.unwrap_err().kind(), ErrorKind::Forbidden, "{role}");
            let delete = bench.engine.delete(&who, "merchant_profile", &unit, None, None).await;
            assert_eq!(delete.unwrap_err().kind(), ErrorKind::Forbidden, "{role}");
        }
        let region = json!({"region_code": "310104", "name": "徐汇区", "level": "district"});
        let error = bench.create(&bench.clerk("310104"), "region", region.clone()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Forbidden);
        bench.create(&bench.city(), "region", region).await.unwrap();
        // Reference data is everybody's.
        let page = bench.engine.list(&bench.clerk("310105"), "region", &ListQuery::default()).await.unwrap();
        assert_eq!(page.total, 1);
    })
    .await;
}
