//! States and transitions of a resource file.

use indexmap::IndexMap;
use pujiang_definition::{At, Section};

use super::reading::{has_state, referred_roles, some_texts, values, written};
use super::{FieldDef, FieldKind, Reason, StateDef, Transition, fields, guard};

pub(super) fn states(top: &Section<'_>, fields: &IndexMap<String, FieldDef>) -> Vec<StateDef> {
    let mut states: Vec<StateDef> = Vec::new();
    for section in top.tables("state") {
        let code = section.required_text("code");
        let label = written(section.required_text("label"));
        if let Some(code) = &code
            && has_state(&states, &code.value)
        {
            section.wrong_at(code, "状态重复，请删去一个");
        }
        let guard = guard::guard(&section, fields);
        section.finish();
        states.push(StateDef { code: written(code), label, guard });
    }
    if states.is_empty() {
        top.wrong("state", "至少要有一个 [[state]]");
    }
    states
}

pub(super) fn transitions(
    top: &Section<'_>,
    states: &[StateDef],
    fields: &IndexMap<String, FieldDef>,
) -> Vec<Transition> {
    let mut transitions: Vec<Transition> = Vec::new();
    for section in top.tables("transition") {
        let id = section.required_text("id");
        if let Some(id) = &id {
            check_id(&section, id, &transitions);
        }
        let title = written(section.required_text("title"));
        let from = some_texts(&section, "from", "缺少此键，请列出可以出发的状态");
        let to = section.required_text("to");
        for state in from.iter().chain(&to) {
            if !has_state(states, &state.value) {
                section.wrong_at(state, format!("没有状态“{}”", state.value));
            }
        }
        let roles = some_texts(&section, "roles", "缺少此键，请列出可以执行的角色");
        let reasons = [("required", Reason::Required), ("optional", Reason::Optional)];
        transitions.push(Transition {
            id: written(id),
            title,
            from: values(from),
            to: written(to),
            roles: referred_roles(&section, &roles),
            sets: sets(&section, fields),
            requires: requires(&section, fields),
            reason: section.word("reason", &reasons).unwrap_or(Reason::Optional),
        });
        section.finish();
    }
    transitions
}

fn check_id(section: &Section<'_>, id: &At<String>, before: &[Transition]) {
    if before.iter().any(|other| other.id == id.value) {
        section.wrong_at(id, "动作重复，请改名");
    }
    if !fields::is_name(&id.value, 30) {
        section.wrong_at(id, "只用小写字母、数字和下划线，最多 30 个字符");
    }
}

fn sets(section: &Section<'_>, fields: &IndexMap<String, FieldDef>) -> Vec<String> {
    let names = section.texts("sets").unwrap_or_default();
    for name in &names {
        let is_time = |field: &FieldDef| field.kind == FieldKind::Timestamp && field.readonly;
        if !fields.get(&name.value).is_some_and(is_time) {
            let message = format!("“{}”须是本资源的 timestamp 字段，并写明 readonly = true", name.value);
            section.wrong_at(name, message);
        }
    }
    values(names)
}

fn requires(section: &Section<'_>, fields: &IndexMap<String, FieldDef>) -> Vec<String> {
    let names = section.texts("requires").unwrap_or_default();
    for name in &names {
        let is_bound = |field: &FieldDef| field.target().is_some() && !field.link.must_be.is_empty();
        if !fields.get(&name.value).is_some_and(is_bound) {
            section.wrong_at(name, format!("“{}”须是写明 must_be 的 ref 或 found_in 字段", name.value));
        }
    }
    values(names)
}
