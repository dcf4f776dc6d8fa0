//! The hierarchy of organisations: no circle, and moving in it changes who sees what at once.

use pujiang_transactional::{ErrorKind, ListQuery};
use serde_json::{Value as Json, json};

use crate::support::{Bench, faults, map, on_each};

async fn organization(bench: &Bench, name: &str, parent: Json) -> String {
    let body = json!({"name": name, "org_type": "服务单位", "district_code": "310104", "parent_id": parent});
    bench.create(&bench.city(), "organization", body).await.unwrap().id().to_owned()
}

async fn chain(bench: &Bench, length: usize) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for number in 0..length {
        let parent = ids.last().map_or(Json::Null, |id| json!(id));
        ids.push(organization(bench, &format!("第{number}级"), parent).await);
    }
    ids
}

async fn hang(bench: &Bench, id: &str, parent: Json) -> Result<(), String> {
    let city = bench.city();
    let version = bench.engine.get(&city, "organization", id).await.unwrap().version;
    let body = map(json!({"parent_id": parent}));
    let moved = bench.engine.update(&city, "organization", id, Some(version), &body).await;
    moved.map(|_| ()).map_err(|error| faults(&error).join(" "))
}

#[tokio::test]
async fn nobody_lies_below_himself() {
    on_each(async |bench| {
        let ids = chain(&bench, 4).await;
        for below in 0..4 {
            let circle = hang(&bench, &ids[0], json!(ids[below])).await;
            assert_eq!(circle, Err("parent_id:circle".to_owned()), "below {below}");
        }
        assert_eq!(hang(&bench, &ids[3], json!(ids[0])).await, Ok(()));
        assert_eq!(hang(&bench, &ids[2], json!(ids[3])).await, Ok(()));
        assert_eq!(hang(&bench, &ids[3], json!(ids[2])).await, Err("parent_id:circle".to_owned()));
        assert_eq!(hang(&bench, &ids[0], json!(null)).await, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn two_moves_at_once_make_no_circle() {
    on_each(async |bench| {
        for _ in 0..5 {
            let (a, b) = (
                organization(&bench, "甲", json!(null)).await,
                organization(&bench, "乙", json!(null)).await,
            );
            let (first, second) = tokio::join!(hang(&bench, &a, json!(b)), hang(&bench, &b, json!(a)));
            assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_grant_follows_the_hierarchy_and_survives_a_circle_of_old_data() {
    on_each(async |bench| {
        let ids = chain(&bench, 3).await;
        let stranger = organization(&bench, "外", json!(null)).await;
        let who = bench.granted("unit_clerk", &[&format!("organization:{}", ids[1])]);
        let seen =
            async || bench.engine.list(&who, "organization", &ListQuery::default()).await.unwrap().total;
        assert_eq!(seen().await, 2, "itself and the one below, not the one above");
        hang(&bench, &stranger, json!(ids[2])).await.unwrap();
        assert_eq!(seen().await, 3);
        hang(&bench, &ids[2], json!(null)).await.unwrap();
        assert_eq!(seen().await, 1);
        let error = bench.engine.get(&who, "organization", &ids[2]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        // Rows that came in bulk are not walked through; a circle among them must not hang a list.
        hang(&bench, &ids[2], json!(ids[1])).await.unwrap();
        let sql = format!("UPDATE organization SET parent_id = '{}' WHERE id = '{}'", ids[2], ids[1]);
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(bench.engine.store().pool()).await.unwrap();
        assert_eq!(seen().await, 3);
    })
    .await;
}

#[tokio::test]
async fn a_unit_manages_the_tree_below_itself_only() {
    on_each(async |bench| {
        let ids = chain(&bench, 3).await;
        let outside = organization(&bench, "外", json!(null)).await;
        let who = bench.granted("district_clerk", &[&format!("organization:{}", ids[1])]);
        let create = async |parent: Json| {
            let body =
                json!({"name": "新", "org_type": "服务单位", "district_code": "310104", "parent_id": parent});
            bench
                .create(&who, "organization", body)
                .await
                .map(|_| ())
                .map_err(|error| faults(&error).join(" "))
        };
        assert_eq!(create(json!(ids[2])).await, Ok(()));
        assert_eq!(create(json!(null)).await, Err("parent_id:out_of_scope".to_owned()));
        for invisible in [&outside, &ids[0]] {
            assert_eq!(create(json!(invisible)).await, Err("parent_id:unknown_reference".to_owned()));
        }
        // Its own place is not its own to choose, but the rest of its record is.
        let update = async |id: &str, body: Json| {
            let made = bench.engine.update(&who, "organization", id, Some(1), &map(body)).await;
            made.map(|_| ()).map_err(|error| faults(&error).join(" "))
        };
        assert_eq!(
            update(&ids[2], json!({"parent_id": null})).await,
            Err("parent_id:out_of_scope".to_owned())
        );
        assert_eq!(update(&ids[2], json!({"name": "改"})).await, Ok(()));
    })
    .await;
}
