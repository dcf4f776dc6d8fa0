//! States and transitions of a resource file.

use indexmap::IndexMap;

use super::document::{Placed, Report, Section};
use super::reading::roles;
use super::{Reason, StateDef, Transition, fields, guard};

pub(super) fn states(
    top: &mut Section<'_, '_>,
    places: &mut IndexMap<String, usize>,
    report: &mut Report<'_>,
) -> Vec<StateDef> {
    let mut states: Vec<StateDef> = Vec::new();
    for mut section in top.tables("state", report) {
        let code = section.required_text("code", report);
        let label = section.required_text("label", report).value;
        if states.iter().any(|s| s.code == code.value) {
            report.add(code.offset, &section.key("code"), "状态重复，请删去一个");
        }
        let guard = guard::guard(&mut section, &code.value, places, report);
        states.push(StateDef { code: code.value, label, guard });
        section.finish(report);
    }
    if states.is_empty() {
        report.add(0, "state", "至少要有一个 [[state]]");
    }
    states
}

pub(super) fn transitions(
    top: &mut Section<'_, '_>,
    states: &[StateDef],
    places: &mut IndexMap<String, usize>,
    report: &mut Report<'_>,
) -> Vec<Transition> {
    let mut transitions: Vec<Transition> = Vec::new();
    for mut section in top.tables("transition", report) {
        let id = section.required_text("id", report);
        if transitions.iter().any(|t| t.id == id.value) {
            report.add(id.offset, &section.key("id"), "动作重复，请改名");
        }
        if !id.value.is_empty() && !fields::is_name(&id.value, 30) {
            report.add(id.offset, &section.key("id"), "只用小写字母、数字和下划线，最多 30 个字符");
        }
        let title = section.required_text("title", report).value;
        let from = section.texts("from", report);
        let to = section.required_text("to", report);
        for state in from.iter().chain([&to]) {
            if !state.value.is_empty() && !states.iter().any(|s| s.code == state.value) {
                report.add(state.offset, &section.key("from/to"), format!("没有状态“{}”", state.value));
            }
        }
        if from.is_empty() {
            report.add(section.offset(), &section.key("from"), "缺少此键，请列出可以出发的状态");
        }
        let roles = roles(&mut section, "roles", report);
        if roles.is_empty() {
            report.add(section.offset(), &section.key("roles"), "缺少此键，请列出可以执行的角色");
        }
        let sets = section.texts("sets", report);
        for set in &sets {
            places.insert(format!("transition[{}].sets[{}]", id.value, set.value), set.offset);
        }
        let requires = section.texts("requires", report);
        for field in &requires {
            places.insert(format!("transition[{}].requires[{}]", id.value, field.value), field.offset);
        }
        let reason = match section.text("reason", report) {
            Some(Placed { value, .. }) if value == "required" => Reason::Required,
            Some(Placed { value, offset }) if value != "optional" => {
                report.add(offset, &section.key("reason"), "应为 required 或 optional");
                Reason::Optional
            }
            _ => Reason::Optional,
        };
        transitions.push(Transition {
            id: id.value,
            title,
            from: from.into_iter().map(|p| p.value).collect(),
            to: to.value,
            roles,
            sets: sets.into_iter().map(|p| p.value).collect(),
            requires: requires.into_iter().map(|p| p.value).collect(),
            reason,
        });
        section.finish(report);
    }
    transitions
}
