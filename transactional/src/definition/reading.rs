//! One resource file: header, fields, states, transitions and checks. The definition is there even with mistakes, so that
//! `verify` finds more of them.

use indexmap::IndexMap;
use pujiang_definition::{At, ROLES, Section, SourceFile};
use pujiang_security::RoleId;

use super::{FieldDef, ResourceDef, StateDef, check, fields, lake, scope, workflow};

/// Tables of the store that are no resources.
const RESERVED_TABLES: [&str; 16] = [
    "account",
    "login_stranger",
    "role_assignment",
    "session",
    "audit_log",
    "outbox",
    "ingest_file",
    "ingest_feed",
    "quarantine",
    "report_run",
    "report_delivery",
    "inbox_message",
    "review_task",
    "taken_number",
    "store_probe",
    "known_key",
];

pub(super) fn resource(file: &SourceFile, top: &Section<'_>) -> ResourceDef {
    named(&file.id, top);
    top.format(1);
    let title = written(top.required_text("title"));
    let description = written(top.required_text("description"));
    let group = written(top.required_text("group"));
    let display = top.required_text("display");
    let write_roles = roles(top, "write_roles");
    let initial = top.required_text("initial_state");
    let fields = fields_of(top);
    if let Some(display) = &display
        && !fields.contains_key(&display.value)
    {
        top.wrong_at(display, format!("没有字段“{}”", display.value));
    }
    let scope = scope::scope(top, &fields);
    let parent = parent(top);
    let states = workflow::states(top, &fields);
    if let Some(initial) = &initial
        && !has_state(&states, &initial.value)
    {
        top.wrong_at(initial, format!("没有状态“{}”，请在 [[state]] 中声明", initial.value));
    }
    let transitions = workflow::transitions(top, &states, &fields);
    let checks = check::checks(top, &fields);
    let told = lake::lake(top);
    let stock = lake::stock(top, told, &fields);
    ResourceDef {
        id: file.id.clone(),
        title,
        description,
        group,
        display: written(display),
        scope,
        parent,
        write_roles,
        initial_state: written(initial),
        fields,
        states,
        transitions,
        checks,
        lake: told,
        stock,
        // Known when the file has been read.
        places: Default::default(),
    }
}

/// The name of the file is that of the table.
fn named(id: &str, top: &Section<'_>) {
    if !fields::is_name(id, 30) {
        top.wrong("id", "文件名即资源 id：小写字母开头，只含小写字母、数字和下划线，最多 30 个字符");
    } else if RESERVED_TABLES.contains(&id) {
        top.wrong("id", "这个名称是系统表，请换一个文件名");
    }
}

fn fields_of(top: &Section<'_>) -> IndexMap<String, FieldDef> {
    let sections = top.tables("field");
    if sections.is_empty() {
        top.wrong("field", "至少要有一个 [[field]]");
    }
    let mut found: IndexMap<String, FieldDef> = IndexMap::new();
    for section in &sections {
        let field = fields::field(section);
        if found.contains_key(&field.name) {
            section.wrong("name", "字段重名，请改名或删去一个");
        } else if !field.name.is_empty() {
            found.insert(field.name.clone(), field);
        }
    }
    found
}

/// `[tree] parent = "<field>"`, on the resource that is the hierarchy of organisations.
fn parent(top: &Section<'_>) -> Option<String> {
    let section = top.table("tree")?;
    let parent = section.required_text("parent");
    section.finish();
    parent.map(|field| field.value)
}

pub(super) fn has_state(states: &[StateDef], code: &str) -> bool {
    states.iter().any(|state| state.code == code)
}

/// A text that must be there; where it is not, that has been said and nothing stands in for it.
pub(super) fn written(text: Option<At<String>>) -> String {
    text.map_or_else(String::new, |text| text.value)
}

/// Texts without their places.
pub(super) fn values(texts: Vec<At<String>>) -> Vec<String> {
    texts.into_iter().map(|text| text.value).collect()
}

/// A list that must name something; `missing` asks for it.
pub(super) fn some_texts(section: &Section<'_>, key: &'static str, missing: &str) -> Vec<At<String>> {
    let texts = section.texts(key);
    if texts.as_ref().map_or(!section.has(key), Vec::is_empty) {
        section.wrong(key, missing);
    }
    texts.unwrap_or_default()
}

/// A list of roles that may be missing.
pub(super) fn roles(section: &Section<'_>, key: &'static str) -> Vec<RoleId> {
    referred_roles(section, &section.texts(key).unwrap_or_default())
}

/// The roles these texts name; whether there are such is known where all definitions are.
pub(super) fn referred_roles(section: &Section<'_>, texts: &[At<String>]) -> Vec<RoleId> {
    let refer = |text: &At<String>| {
        section.refers(text, &ROLES);
        RoleId::from(text.value.as_str())
    };
    texts.iter().map(refer).collect()
}
