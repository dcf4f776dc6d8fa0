//! The explanation of access says what reading shows, and what is described is what can be read.

use pujiang_security::Treatment;
use pujiang_warehouse::{ErrorKind, Verdict};

use crate::town::*;

#[tokio::test]
async fn verdicts_agree_with_what_is_read() {
    let t = town().await;
    let door = t.lake.door();
    let admin = person("sec", &["sec_admin"], &[]);
    let scopes: [&[&str]; 8] = [
        &["city"],
        &["310104"],
        &[],
        &["street:310104003"],
        &["organization:o1"],
        &["person:p1"],
        &["310105", "street:310104004"],
        &["organization:o9", "person:p9"],
    ];
    for scope in scopes {
        let target = person("x", &["district_clerk"], scope);
        let session = door.session(&target).await.unwrap();
        for member in MEMBERS {
            let read = ask(&session, &format!("select count(*) from member where id = '{}'", member.0)).await;
            let why = door.why(&admin, &target, "member", member.0).await.unwrap();
            let expected = if read == "1" { Verdict::Shown } else { Verdict::NotShown };
            assert_eq!(why.verdict, expected, "{scope:?} {}: {:?}", member.0, why.reasons);
            assert!(!why.reasons.is_empty());
            let told = why.reasons.join(" ");
            assert!(
                !told.contains(member.4) && !told.contains(member.5),
                "whose the record is, is not told: {told}"
            );
        }
    }
    let target = person("x", &["district_clerk"], &["city"]);
    assert_eq!(door.why(&admin, &target, "member", "m9").await.unwrap().verdict, Verdict::Absent);
    assert_eq!(door.why(&admin, &target, "nothing", "m1").await.unwrap_err().kind(), ErrorKind::NotFound);
    let asked = door.why(&target, &target, "member", "m1").await;
    assert_eq!(asked.unwrap_err().kind(), ErrorKind::Forbidden, "for security administrators only");
}

#[tokio::test]
async fn columns_are_explained_as_they_are_shown() {
    let t = town().await;
    let door = t.lake.door();
    let admin = person("sec", &["sec_admin"], &[]);
    let cases: [(&[&str], &str, &str); 5] = [
        (&["city_analyst"], "clear", "市级人员"),
        (&["district_clerk"], "masked", "区级人员"),
        (&["street_clerk"], "pseudonymised", "街镇人员"),
        (&["unit_clerk"], "hidden", "单位经办人"),
        (&["city_analyst", "unit_clerk"], "hidden", "单位经办人"),
    ];
    for (roles, treatment, named) in cases {
        let target = person("x", roles, &["city"]);
        let why = door.why(&admin, &target, "member", "m1").await.unwrap();
        let mobile = why.columns.iter().find(|c| c.name == "mobile").unwrap();
        assert_eq!(mobile.treatment.as_str(), treatment, "{roles:?}");
        assert!(mobile.reason.contains(named), "{roles:?}: {}", mobile.reason);
        let visible = door.visible_catalog(&target);
        let members = visible.iter().find(|table| table.id == "member").unwrap();
        let described = members.columns.iter().find(|c| c.name == "mobile").map(|c| c.treatment);
        assert_eq!(described, Some(mobile.treatment).filter(|t| *t != Treatment::Hidden));
    }
}
