//! A table file with `resource = "…"`: the table that follows from the resource, and what is different about it. Columns may
//! be left out, renamed, described otherwise or added; what is personal stays so.

use std::collections::BTreeMap;

use pujiang_definition::{At, LakeForm, LakeForms, RESOURCES, Section, SourceFile};

use super::guard::{self, Known};
use super::table_file::{VISIBILITIES, known_type};
use super::{ColumnDef, ColumnType, ScopeColumns, TableDef, TableKind, Visibility, derived};
use crate::DISTRICT_COLUMN;

/// What such a file may say; how it is meant is known only with the resource.
const KEYS: [&str; 10] =
    ["title", "description", "key", "version", "time", "without", "column", "scope", "tree", "mask"];

/// Reads the file over the form of its resource; none where there is no such form.
pub(super) fn read(file: &SourceFile, root: &Section<'_>, forms: &LakeForms) -> Option<TableDef> {
    let resource = root.required_text("resource");
    if let Some(resource) = &resource {
        root.refers(resource, &RESOURCES);
    }
    let Some(form) = resource.as_ref().and_then(|resource| forms.of(&resource.value)) else {
        if let Some(resource) = resource.filter(|resource| forms.withholds(&resource.value)) {
            let message = format!("资源“{}”写明 lake = \"none\"，不进入数据湖，请删去此文件", resource.value);
            root.wrong_at(&resource, message);
        }
        root.leave(&KEYS);
        return None;
    };
    let mut table = TableDef { id: file.id.clone(), layer: file.area.clone(), ..derived::table(form) };
    leave_out(root, form, &mut table);
    let fields = columns(root, form, &mut table);
    rename(&mut table, &fields);
    if let Some(origin) = &mut table.origin {
        origin.fields = fields;
    }
    head(root, &mut table);
    guards(root, &mut table);
    Some(table)
}

/// `without = ["…"]`.
fn leave_out(root: &Section<'_>, form: &LakeForm, table: &mut TableDef) {
    for name in root.texts("without").unwrap_or_default() {
        match table.columns.iter().position(|column| column.name == name.value) {
            Some(at) => {
                table.columns.remove(at);
            }
            None => root.wrong_at(&name, not_there(form, &name.value)),
        }
    }
}

fn not_there(form: &LakeForm, column: &str) -> String {
    format!("从资源“{}”得不到列“{column}”，或已写过，请改成资源的字段", form.resource)
}

/// Texts and roles of columns.
fn head(root: &Section<'_>, table: &mut TableDef) {
    let texts = ["title", "description", "key", "version", "time"];
    let [title, description, key, version, time] = texts.map(|key| root.text(key).map(|at| at.value));
    table.title = title.unwrap_or_else(|| table.title.clone());
    table.description = description.unwrap_or_else(|| table.description.clone());
    table.key = key.unwrap_or_else(|| table.key.clone());
    table.version = version.or_else(|| table.version.clone());
    table.time = time.or_else(|| table.time.clone());
    let key = table.key.clone();
    if let Some(column) = table.columns.iter_mut().find(|column| column.name == key) {
        column.nullable = false;
    }
}

/// Scope, hierarchy and masks; and whether the columns that the table hangs on are there.
fn guards(root: &Section<'_>, table: &mut TableDef) {
    let columns = table.columns.clone();
    let known = Known {
        kind: Some(table.kind),
        columns: columns.iter().map(|column| (column.name.as_str(), Some(column.kind))).collect(),
        plain: [Some(table.key.as_str()), table.version.as_deref(), table.time.as_deref()]
            .into_iter()
            .flatten()
            .chain([DISTRICT_COLUMN])
            .collect(),
    };
    let (text, moment) = ([ColumnType::Text], [ColumnType::Timestamp, ColumnType::Date]);
    let district = (table.kind == TableKind::District).then_some(DISTRICT_COLUMN);
    for (key, column, wanted, what) in [
        ("key", Some(table.key.as_str()), &text[..], "文字列"),
        ("version", table.version.as_deref(), &[ColumnType::Integer][..], "整数列"),
        ("time", table.time.as_deref(), &moment[..], "时间列或日期列"),
        ("without", district, &text[..], "文字列"),
    ] {
        if let Some(column) = column.filter(|column| !known.is(column, wanted)) {
            root.wrong(key, format!("“{column}”不是本表的{what}，请留下此列或改成表中合适的列"));
        }
    }
    let (scope, parent) = (guard::scope(root, &known), guard::parent(root, &known));
    if root.has("scope") {
        table.scope = scope;
    }
    if root.has("tree") {
        table.parent = parent;
    }
    let ScopeColumns { street, organization, person } = &table.scope;
    for (key, column) in
        [("scope", street), ("scope", organization), ("scope", person), ("tree", &table.parent)]
    {
        if let Some(column) = column.as_ref().filter(|column| !root.has(key) && !known.is(column, &text)) {
            root.wrong(key, format!("[{key}] 要用的文字列“{column}”不在表中，请留下此列或另写 [{key}]"));
        }
    }
    let masks = guard::policies(root, &known);
    table.masks = masks;
}

/// Columns by their new names wherever the table names them.
fn rename(table: &mut TableDef, fields: &BTreeMap<String, String>) {
    let now = |name: &mut String| {
        if let Some((column, _)) = fields.iter().find(|(_, field)| field.as_str() == name.as_str()) {
            column.clone_into(name);
        }
    };
    now(&mut table.key);
    let ScopeColumns { street, organization, person } = &mut table.scope;
    let rest = [&mut table.version, &mut table.time, street, organization, person, &mut table.parent];
    rest.into_iter().flatten().for_each(now);
}

/// A `[[column]]` as it is written: what it does not say stays as it follows.
struct Said {
    from: Option<At<String>>,
    title: Option<String>,
    kind: Option<ColumnType>,
    visibility: Option<Visibility>,
    nullable: Option<bool>,
    bookkeeping: Option<bool>,
}

impl Said {
    fn read(section: &Section<'_>) -> Self {
        let flag = |key: &'static str| {
            let value = section.flag(key);
            section.has(key).then_some(value)
        };
        Self {
            from: section.text("from"),
            title: section.text("title").map(|title| title.value),
            kind: section.text("type").and_then(|text| known_type(section, &text)),
            visibility: section.word("visibility", VISIBILITIES),
            nullable: flag("nullable"),
            bookkeeping: flag("bookkeeping"),
        }
    }

    /// Says it of a column that follows from the resource.
    fn describe(self, section: &Section<'_>, column: &mut ColumnDef) {
        if column.visibility == Visibility::Personal
            && self.visibility.is_some_and(|visibility| visibility != Visibility::Personal)
        {
            section.wrong("visibility", "个人信息的掩码和假名只能写 personal，请删去此键");
        }
        column.visibility = self.visibility.unwrap_or(column.visibility);
        column.kind = self.kind.unwrap_or(column.kind);
        column.nullable = self.nullable.unwrap_or(column.nullable);
        column.bookkeeping = self.bookkeeping.unwrap_or(column.bookkeeping);
        if let Some(title) = self.title {
            column.title = title;
        }
    }

    /// A column that does not follow from the resource: somebody else fills it.
    fn added(self, section: &Section<'_>, name: &str, form: &LakeForm) -> Option<ColumnDef> {
        for key in ["title", "type", "visibility"] {
            if !section.has(key) {
                let resource = &form.resource;
                section.wrong(key, format!("“{name}”不是从资源“{resource}”得到的列，请补上 {key}"));
            }
        }
        Some(ColumnDef {
            name: name.to_owned(),
            title: self.title?,
            kind: self.kind?,
            visibility: self.visibility?,
            nullable: self.nullable.unwrap_or_default(),
            bookkeeping: self.bookkeeping.unwrap_or_default(),
        })
    }
}

/// Reads all `[[column]]`; gives the fields that have another name in the record, by column.
fn columns(root: &Section<'_>, form: &LakeForm, table: &mut TableDef) -> BTreeMap<String, String> {
    let (mut fields, mut names) = (BTreeMap::new(), Vec::new());
    for section in root.tables("column") {
        let name = section.required_text("name");
        let said = Said::read(&section);
        section.finish();
        let Some(name) = name else { continue };
        if names.contains(&name.value) {
            section.wrong_at(&name, format!("列“{}”写了两次，请改名或删去一个", name.value));
            continue;
        }
        names.push(name.value.clone());
        let from = said.from.clone().filter(|from| from.value != name.value);
        let field = from.as_ref().unwrap_or(&name);
        let found = |wanted: &str| table.columns.iter().position(|column| column.name == wanted);
        match found(&field.value).filter(|_| !fields.contains_key(&field.value)) {
            Some(_) if from.is_some() && found(&name.value).is_some() => {
                section.wrong_at(&name, format!("本表已有列“{}”，请改名", name.value));
            }
            Some(at) => {
                let column = &mut table.columns[at];
                said.describe(&section, column);
                if from.is_some() {
                    column.name.clone_from(&name.value);
                    fields.insert(name.value.clone(), field.value.clone());
                }
            }
            None if from.is_some() || form.column(&name.value).is_some() => {
                section.wrong_at(field, not_there(form, &field.value));
            }
            None => table.columns.extend(said.added(&section, &name.value, form)),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use pujiang_definition::{
        LakeColumn, LakeOwners, LakePart, LakeValueKind, LakeVisibility, Loaded, Sources, TABLES,
    };

    use super::super::Catalog;
    use super::*;

    fn column(name: &str, kind: LakeValueKind, visibility: LakeVisibility, part: LakePart) -> LakeColumn {
        LakeColumn { name: name.to_owned(), title: format!("题{name}"), kind, visibility, part }
    }

    /// A station of a district with a personal telephone and a place.
    fn form(resource: &str) -> LakeForm {
        use LakeValueKind::{Integer, Text, Timestamp};
        use LakeVisibility::{Internal, Personal, Public};
        LakeForm {
            resource: resource.to_owned(),
            title: "站".to_owned(),
            description: "一处".to_owned(),
            columns: vec![
                column("id", Text, Internal, LakePart::Key),
                column("district_code", Text, Public, LakePart::District),
                column("no", Text, Internal, LakePart::Value),
                column("kind", Text, Internal, LakePart::Value),
                column("phone", Text, Personal, LakePart::Value),
                column("phone_token", Text, Personal, LakePart::Value),
                column("street", Text, Public, LakePart::Value),
                column("lon", LakeValueKind::Decimal { precision: 9, scale: 6 }, Public, LakePart::Value),
                column("row_version", Integer, Internal, LakePart::Version),
                column("created_at", Timestamp, Internal, LakePart::Made),
                column("updated_at", Timestamp, Internal, LakePart::Changed),
            ],
            owners: LakeOwners { street: Some("street".to_owned()), ..LakeOwners::default() },
            parent: None,
            stock: Some(vec!["kind".to_owned()]),
            places: Default::default(),
        }
    }

    const HEAD: &str = "format = 1\nresource = \"station\"\n";

    fn reading(files: &[(&str, &str)]) -> Loaded<std::sync::Arc<Catalog>> {
        let forms = LakeForms::new([form("station")], BTreeSet::from(["hidden".to_owned()]));
        Catalog::read(&Sources::texts(&TABLES, files.iter().copied()), &forms)
    }

    fn check(rest: &str, expected: &[(usize, &str)]) {
        let text = format!("{HEAD}{rest}");
        let mut errors = reading(&[("layer/station.toml", text.as_str())]).errors;
        errors.sort();
        let got: Vec<(usize, &str)> = errors.iter().map(|e| (e.line, e.key.as_str())).collect();
        assert_eq!(got, expected, "{rest}\n{errors:?}");
    }

    #[test]
    fn a_resource_without_a_file_has_its_table() {
        let loaded = reading(&[]);
        assert!(loaded.ids.contains("station"));
        let catalog = loaded.finished().unwrap();
        let table = catalog.table("station").unwrap();
        assert_eq!((table.key.as_str(), table.time.as_deref()), ("id", Some("created_at")));
        assert_eq!((table.version.as_deref(), table.kind), (Some("row_version"), TableKind::District));
        assert_eq!(table.scope.street.as_deref(), Some("street"));
        let filled: Vec<&str> =
            table.columns.iter().filter(|c| !c.nullable).map(|c| c.name.as_str()).collect();
        assert_eq!(filled, ["id", "district_code", "row_version"]);
        assert_eq!(table.column("lon").unwrap().kind, ColumnType::Decimal(9, 6));
        assert_eq!(table.column("phone").unwrap().visibility, Visibility::Personal);
        assert!(table.column("updated_at").unwrap().bookkeeping);
        assert!(table.masks.is_empty() && table.origin.is_some());
    }

    #[test]
    fn a_file_says_only_the_difference() {
        let text = format!(
            "{HEAD}title = \"站点\"\nkey = \"no\"\nwithout = [\"id\", \"phone_token\"]\n\
             [[column]]\nname = \"longitude\"\nfrom = \"lon\"\ntitle = \"经度\"\ntype = \"decimal(10,6)\"\n\
             [[column]]\nname = \"rv\"\nfrom = \"row_version\"\nnullable = true\n\
             [[column]]\nname = \"town\"\nfrom = \"street\"\nvisibility = \"internal\"\n\
             [[column]]\nname = \"feed\"\ntitle = \"来源\"\ntype = \"text\"\nvisibility = \"internal\"\n\
             [[mask]]\ncolumn = \"phone\"\nform = \"mobile\"\notherwise = \"hidden\"\ncity_analyst = \"masked\"\n"
        );
        let catalog = reading(&[("layer/station.toml", text.as_str())]).finished().unwrap();
        let table = catalog.table("station").unwrap();
        assert_eq!((table.title.as_str(), table.layer.as_str()), ("站点", "layer"));
        assert_eq!((table.key.as_str(), table.version.as_deref()), ("no", Some("rv")));
        assert_eq!(table.scope.street.as_deref(), Some("town"));
        assert!(!table.column("no").unwrap().nullable && table.column("rv").unwrap().nullable);
        let names: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
        let expected = [
            "district_code",
            "no",
            "kind",
            "phone",
            "town",
            "longitude",
            "rv",
            "created_at",
            "updated_at",
            "feed",
        ];
        assert_eq!(names, expected);
        let longitude = table.column("longitude").unwrap();
        assert_eq!((longitude.title.as_str(), longitude.kind), ("经度", ColumnType::Decimal(10, 6)));
        assert_eq!(table.column("town").unwrap().visibility, Visibility::Internal);
        let fields = [("longitude", "lon"), ("rv", "row_version"), ("town", "street")];
        let fields = fields.map(|(column, field)| (column.to_owned(), field.to_owned()));
        assert_eq!(table.origin.as_ref().unwrap().fields, BTreeMap::from(fields));
        assert_eq!(table.masks.len(), 1);
    }

    #[test]
    fn every_mistake_of_a_difference_is_named_with_line_and_key() {
        check("", &[]);
        check("kind = \"district\"\n", &[(3, "kind")]);
        check("without = [\"nope\", \"kind\", \"kind\"]\n", &[(3, "without[0]"), (3, "without[2]")]);
        check("without = [\"id\"]\n", &[(1, "key")]);
        check("without = [\"row_version\"]\n", &[(1, "version")]);
        check("without = [\"district_code\"]\n", &[(3, "without")]);
        check("without = [\"street\"]\n", &[(1, "scope")]);
        check("time = \"no\"\n", &[(3, "time")]);
        let column = |rest: &str| format!("[[column]]\n{rest}");
        check(&column("name = \"longitude\"\nfrom = \"long\"\n"), &[(5, "column[longitude].from")]);
        check(&column("name = \"kind\"\nfrom = \"lon\"\n"), &[(4, "column[kind].name")]);
        check(&column("name = \"phone\"\nvisibility = \"public\"\n"), &[(5, "column[phone].visibility")]);
        check(
            &column("name = \"feed\"\n"),
            &[(3, "column[feed].title"), (3, "column[feed].type"), (3, "column[feed].visibility")],
        );
        check(&column("name = \"kind\"\n[[column]]\nname = \"kind\"\n"), &[(6, "column[kind].name")]);
        // What was left out does not come back under another visibility.
        let again = "without = [\"phone\"]\n[[column]]\nname = \"phone\"\ntitle = \"t\"\ntype = \"text\"\nvisibility = \"public\"\n";
        check(again, &[(5, "column[phone].name")]);
        check("[[mask]]\ncolumn = \"nope\"\notherwise = \"hidden\"\n", &[(4, "mask[nope].column")]);
    }

    #[test]
    fn a_resource_has_one_table_and_a_table_one_meaning() {
        let own = "format = 1\ntitle = \"t\"\ndescription = \"d\"\nkind = \"reference\"\nkey = \"id\"\n\
                   [[column]]\nname = \"id\"\ntitle = \"号\"\ntype = \"text\"\nvisibility = \"public\"\n";
        let keys = |files: &[(&str, &str)]| -> Vec<String> {
            reading(files).errors.iter().map(|e| format!("{}:{} {}", e.file, e.line, e.key)).collect()
        };
        assert_eq!(keys(&[("a/station.toml", own)]), [":1 id"]);
        assert_eq!(keys(&[("a/x.toml", HEAD), ("a/y.toml", HEAD)]), ["warehouse/tables/a/y.toml:2 resource"]);
        let hidden = HEAD.replace("station", "hidden");
        assert_eq!(keys(&[("a/x.toml", &hidden)]), ["warehouse/tables/a/x.toml:2 resource"]);
        // Another name for the table is no second table.
        let catalog = reading(&[("a/x.toml", HEAD)]).finished().unwrap();
        assert_eq!(catalog.tables().map(|table| table.id.as_str()).collect::<Vec<_>>(), ["x"]);
    }

    #[test]
    fn the_stock_is_counted_by_what_resources_say() {
        let states = "format = 1\ntitle = \"t\"\ndescription = \"d\"\nkind = \"reference\"\nkey = \"event_key\"\n\
             [[column]]\nname = \"event_key\"\ntitle = \"号\"\ntype = \"text\"\nvisibility = \"internal\"\n";
        let mut open = form("open");
        open.columns[3].visibility = LakeVisibility::Public;
        let forms = LakeForms::new([open, form("station")], BTreeSet::new());
        let sources = Sources::texts(&TABLES, [("a/state_event.toml", states)]);
        let catalog = Catalog::read(&sources, &forms).finished().unwrap();
        let kind = catalog.table("state_event").unwrap().column("kind").unwrap();
        assert_eq!((kind.visibility, kind.nullable), (Visibility::Internal, true));
    }
}
