//! What an auditor is shown of an entry. The log keeps the values of a record before and after a change, and its chain is
//! made of them; but who may read the log may read no business data. So the view names the fields and leaves out what was
//! in them. Whoever may read the record finds the values in its history, masked as ever and cut to the scope.

use std::collections::BTreeSet;

use pujiang_transactional::Definitions;
use pujiang_transactional::audit::Found;
use serde_json::{Map, Value};

/// Things that are no business data: what is noted of them is shown as it is.
const ABOUT: [&str; 5] = ["account", "session", "connection", "sql", "audit_log"];

/// Actions on records of which only counts and names are noted.
const COUNTED: [&str; 4] = ["export", "bulk_insert", "explain_access", "contest"];

/// What is shown of an entry's content.
pub struct Shown {
    /// Titles of the fields whose values were noted and are not shown.
    pub fields: Vec<String>,
    /// As it is stored, unless it holds values of a record.
    pub before: Option<Value>,
    /// The same.
    pub after: Option<Value>,
}

/// The content of an entry, without values of records. What nobody thought of here is taken for such values.
pub fn shown(definitions: &Definitions, found: &Found) -> Shown {
    if ABOUT.contains(&found.target_type.as_str()) || COUNTED.contains(&found.action.as_str()) {
        return Shown { fields: Vec::new(), before: found.before.clone(), after: found.after.clone() };
    }
    let (before, after) = (object(found.before.as_ref()), object(found.after.as_ref()));
    let asked = after.get("changes").and_then(Value::as_array);
    let names: BTreeSet<&str> = match asked {
        Some(changes) => changes.iter().filter_map(|change| change["field"].as_str()).collect(),
        None => {
            let value = |of: &Map<String, Value>, name: &String| of.get(name).cloned().unwrap_or_default();
            let differs = |name: &&String| value(&before, name) != value(&after, name);
            before.keys().chain(after.keys()).filter(differs).map(String::as_str).collect()
        }
    };
    let def = definitions.get(&found.target_type);
    let title = |name: &str| {
        let field = def.and_then(|def| def.field(name));
        field.map_or_else(|| name.to_owned(), |field| field.title.clone())
    };
    Shown { fields: names.into_iter().map(title).collect(), before: None, after: None }
}

fn object(value: Option<&Value>) -> Map<String, Value> {
    value.and_then(Value::as_object).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(action: &str, target_type: &str, before: Value, after: Value) -> Found {
        Found {
            seq: 1,
            at: String::new(),
            actor: "city".to_owned(),
            viewer: None,
            origin: None,
            action: action.to_owned(),
            target_type: target_type.to_owned(),
            target_id: "1".to_owned(),
            before: Some(before),
            after: Some(after),
            reason: None,
            result: "成功".to_owned(),
        }
    }

    #[test]
    fn fields_are_named_and_values_left_out() {
        let definitions = Definitions::builtin().expect("definitions");
        let check = |found: Found, fields: &[&str], kept: bool| {
            let shown = shown(&definitions, &found);
            assert_eq!(shown.fields, fields, "{found:?}");
            assert_eq!(shown.after.is_some(), kept, "{found:?}");
            assert_eq!(shown.before.is_some(), kept, "{found:?}");
        };
        let (old, new) = (json!({"amount": "1.00", "mode": "券"}), json!({"amount": "2.00", "mode": "券"}));
        check(entry("update", "benefit_transaction", old, new), &["实付金额"], false);
        let new = json!({"amount": "2.00", "mode": null});
        check(entry("create", "benefit_transaction", Value::Null, new), &["实付金额"], false);
        let asked = json!({"task": "t", "changes": [{"field": "name", "from": "甲", "to": "乙"}]});
        check(entry("request_change", "merchant_profile", Value::Null, asked.clone()), &["单位名称"], false);
        check(entry("refuse_duplicate", "review_task", Value::Null, asked), &["name"], false);
        check(entry("something_new", "something_new", Value::Null, json!({"a": 1})), &["a"], false);
        check(entry("sql", "sql", json!({}), json!({"rows": 1})), &[], true);
        check(entry("bulk_insert", "person", json!({}), json!({"rows": 1})), &[], true);
    }
}
