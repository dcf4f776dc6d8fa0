//! Page 11: the history of a record, through scope and masks.

use pujiang_transactional::ErrorKind;
use serde_json::json;

use crate::support::{UNIT_A, map, on_each};

#[tokio::test]
async fn page_11_a_record_tells_who_changed_what() {
    on_each(async |bench| {
        let (clerk, city) = (bench.clerk("310104"), bench.city());
        bench.accounts().create("test", crate::accounts::clerk()).await.unwrap();
        let body = json!({"full_name": "张三", "id_no": "11010519491231002X", "mobile": "13812341234"});
        let made = bench.create(&clerk, "person", body).await.unwrap();
        let engine = &bench.engine;
        let update = async |version, body| {
            engine.update(&clerk, "person", made.id(), Some(version), &map(body)).await.unwrap()
        };
        // Two numbers of one mask: that it changed is told, neither number is.
        update(1, json!({"mobile": "13899991234", "real_name_level": "basic"})).await;
        update(2, json!({"street_code": "310104003", "address": "漕溪北路1号"})).await;
        engine.act(&city, "person", made.id(), "freeze", None, Some("核查")).await.unwrap();
        let history = engine.history(&clerk, "person", made.id()).await.unwrap();
        let told: Vec<String> = history
            .items
            .iter()
            .map(|item| {
                let changes: Vec<_> = item
                    .changes
                    .iter()
                    .map(|c| {
                        format!(
                            "{}:{:?}→{:?}",
                            c.title,
                            c.from.as_deref().unwrap_or(""),
                            c.to.as_deref().unwrap_or("")
                        )
                    })
                    .collect();
                format!(
                    "{} {} {} {}",
                    item.title,
                    item.actor,
                    item.reason.as_deref().unwrap_or("-"),
                    changes.join(" ")
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                "冻结 city 核查 状态:\"正常\"→\"冻结\"",
                "修改 d310104 - 住址:\"\"→\"****\" 户籍街镇:\"\"→\"天平路街道\"",
                "修改 d310104 - 手机号:\"138****1234\"→\"138****1234\" 实名等级:\"未实名\"→\"基本实名\"",
                "登记 d310104 - ",
            ]
        );
        assert!(history.items[1].actor_name.as_deref().is_some_and(|name| name != "d310104"));
        assert!(history.items[0].actor_name.is_none(), "no such account in this store");
        let error = engine.history(&bench.clerk("310105"), "person", made.id()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    })
    .await;
}

#[tokio::test]
async fn page_11_what_a_record_was_elsewhere_stays_there() {
    on_each(async |bench| {
        let city = bench.city();
        let body = json!({"name": "旧名", "credit_code": UNIT_A, "category": "文旅", "district_code": "310105", "address": "长宁路1号"});
        let made = bench.create(&city, "merchant_profile", body).await.unwrap();
        let update = async |version, body| {
            bench.engine.update(&city, "merchant_profile", made.id(), Some(version), &map(body)).await.unwrap();
        };
        update(1, json!({"name": "中名"})).await;
        update(2, json!({"district_code": "310104", "address": "天平路1号"})).await;
        update(3, json!({"name": "新名"})).await;
        let history = async |who: &_| bench.engine.history(who, "merchant_profile", made.id()).await.unwrap();
        assert_eq!(history(&city).await.items.len(), 4);
        let seen = history(&bench.clerk("310104")).await;
        let actions: Vec<_> = seen.items.iter().map(|item| item.action.as_str()).collect();
        assert_eq!(actions, ["update", "update", "create"], "from the move on, and that it was made once");
        let text = format!("{seen:?}");
        for hidden in ["旧名", "长宁路", "长宁区"] {
            assert!(!text.contains(hidden), "{hidden} in {text}");
        }
        assert!(text.contains("天平路1号") && text.contains("新名"));
    })
    .await;
}
