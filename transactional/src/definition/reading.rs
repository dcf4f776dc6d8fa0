//! One resource file: header, scope and checks. Fields are read by `fields`, states and transitions by `workflow`,
//! references between files are checked by `verify`.

use indexmap::IndexMap;
use pujiang_security::Role;
use toml::de::DeTable;

use super::document::{Report, Section, stem};
use super::{Check, DefinitionError, FieldDef, ResourceDef, Rule, ScopeFields, fields, workflow};

/// A read file, with the places of what other checks may find fault with.
pub(super) struct Source {
    pub(super) file: String,
    pub(super) text: String,
    pub(super) def: ResourceDef,
    /// Byte offsets by key.
    pub(super) places: IndexMap<String, usize>,
}

/// Reads one file. The definition is there even with errors, so that its references are checked too; only a file
/// that is no TOML gives none.
pub(super) fn read(file: String, text: String) -> (Option<Source>, Vec<DefinitionError>) {
    let mut report = Report::new(&file, &text);
    let (table, syntax) = DeTable::parse_recoverable(&text);
    if !syntax.is_empty() {
        for error in syntax {
            report.add(
                error.span().map_or(0, |s| s.start),
                "-",
                format!("TOML 语法错误：{}", error.message()),
            );
        }
        return (None, report.into_errors());
    }
    let mut places = IndexMap::new();
    let def = resource(&file, Section::new(table.get_ref(), 0, ""), &mut places, &mut report);
    let errors = report.into_errors();
    (Some(Source { file, text, def, places }), errors)
}

fn resource(
    file: &str,
    mut top: Section<'_, '_>,
    places: &mut IndexMap<String, usize>,
    report: &mut Report<'_>,
) -> ResourceDef {
    let id = stem(file).to_owned();
    if !fields::is_name(&id, 30) {
        report.add(0, "id", "文件名即资源 id：小写字母开头，只含小写字母、数字和下划线，最多 30 个字符");
    } else if RESERVED_TABLES.contains(&id.as_str()) {
        report.add(0, "id", "这个名称是系统表，请换一个文件名");
    }
    match top.number::<u32>("format", report) {
        Some(format) if format.value != 1 => report.add(format.offset, "format", "本程序只认 format = 1"),
        Some(_) => {}
        None => report.add(0, "format", "缺少此键，请写 format = 1"),
    }
    let title = top.required_text("title", report).value;
    let description = top.required_text("description", report).value;
    let group = top.required_text("group", report).value;
    let display = top.required_text("display", report);
    places.insert("display".into(), display.offset);
    let scope = scope(&mut top, places, report);
    let parent = parent(&mut top, places, report);
    let write_roles = roles(&mut top, "write_roles", report);
    let initial = top.required_text("initial_state", report);
    let mut fields: IndexMap<String, FieldDef> = IndexMap::new();
    for section in top.tables("field", report) {
        let offset = section.offset();
        let field = fields::field(section, places, report);
        if fields.contains_key(&field.name) {
            report.add(offset, &format!("field[{}].name", field.name), "字段重名，请改名或删去一个");
        } else {
            fields.insert(field.name.clone(), field);
        }
    }
    if fields.is_empty() {
        report.add(0, "field", "至少要有一个 [[field]]");
    }
    let states = workflow::states(&mut top, places, report);
    let has_state = |code: &str| states.iter().any(|s| s.code == code);
    if !initial.value.is_empty() && !has_state(&initial.value) {
        report.add(
            initial.offset,
            "initial_state",
            format!("没有状态“{}”，请在 [[state]] 中声明", initial.value),
        );
    }
    let transitions = workflow::transitions(&mut top, &states, places, report);
    let checks = checks(&mut top, places, report);
    top.finish(report);
    ResourceDef {
        id,
        title,
        description,
        group,
        display: display.value,
        scope,
        parent,
        write_roles,
        initial_state: initial.value,
        fields,
        states,
        transitions,
        checks,
    }
}

/// `scope = "none"`, `scope = "<district field>"`, or a table that names the fields of finer grants as well.
fn scope(
    top: &mut Section<'_, '_>,
    places: &mut IndexMap<String, usize>,
    report: &mut Report<'_>,
) -> Option<ScopeFields> {
    let Some(mut section) = top.table("scope") else {
        let district = top.required_text("scope", report);
        places.insert("scope".into(), district.offset);
        return (district.value != "none" && !district.value.is_empty()).then_some(ScopeFields {
            district: district.value,
            street: None,
            organization: None,
            person: None,
        });
    };
    let district = section.required_text("district", report);
    places.insert("scope".into(), district.offset);
    let mut finer = |name: &'static str| {
        let field = section.text(name, report)?;
        places.insert(format!("scope.{name}"), field.offset);
        Some(field.value)
    };
    let (street, organization, person) = (finer("street"), finer("organization"), finer("person"));
    section.finish(report);
    Some(ScopeFields { district: district.value, street, organization, person })
}

/// `[tree] parent = "<field>"`, on the resource that is the hierarchy of organisations.
fn parent(
    top: &mut Section<'_, '_>,
    places: &mut IndexMap<String, usize>,
    report: &mut Report<'_>,
) -> Option<String> {
    let mut section = top.table("tree")?;
    let parent = section.required_text("parent", report);
    places.insert("tree.parent".into(), parent.offset);
    section.finish(report);
    Some(parent.value)
}

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

pub(super) fn roles(section: &mut Section<'_, '_>, key: &'static str, report: &mut Report<'_>) -> Vec<Role> {
    let mut roles = Vec::new();
    for text in section.texts(key, report) {
        match text.value.parse() {
            Ok(role) => roles.push(role),
            Err(_) => {
                let known = Role::ALL.map(Role::as_str).join("、");
                report.add(
                    text.offset,
                    &section.key(key),
                    format!("没有角色“{}”，可用的有 {known}", text.value),
                );
            }
        }
    }
    roles
}

fn checks(
    top: &mut Section<'_, '_>,
    places: &mut IndexMap<String, usize>,
    report: &mut Report<'_>,
) -> Vec<Check> {
    let mut checks = Vec::new();
    for mut section in top.tables("check", report) {
        let id = section.required_text("id", report);
        let field = section.required_text("field", report);
        let rule = section.required_text("rule", report);
        let message = section.required_text("message", report).value;
        places.insert(format!("check[{}].field", id.value), field.offset);
        places.insert(format!("check[{}].rule", id.value), rule.offset);
        match Rule::parse(&rule.value) {
            Ok(parsed) => checks.push(Check { id: id.value, field: field.value, rule: parsed, message }),
            Err(_) if rule.value.is_empty() => {}
            Err(reason) => report.add(rule.offset, &section.key("rule"), reason),
        }
        section.finish(report);
    }
    checks
}
