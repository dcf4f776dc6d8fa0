//! Checks that need more than one key or more than one file: references, copied fields, scope columns, rules; and the
//! order in which tables can be created.

use super::document::place;
use super::guard::strange_names;
use super::reading::Source;
use super::{
    CopyWhen, DefaultValue, DefinitionError, FieldDef, FieldKind, OWN_ID, ResourceDef, TextFormat, Visibility,
};

/// Adds what is wrong to `errors`; returns the ids in an order where each comes after those it refers to.
pub(super) fn verify(sources: &[Source], errors: &mut Vec<DefinitionError>) -> Vec<String> {
    for source in sources {
        Checker { source, sources, errors }.run();
    }
    order(sources, errors)
}

struct Checker<'a> {
    source: &'a Source,
    sources: &'a [Source],
    errors: &'a mut Vec<DefinitionError>,
}

impl Checker<'_> {
    fn run(&mut self) {
        let def = &self.source.def;
        if !def.display.is_empty() && !def.fields.contains_key(&def.display) {
            self.add("display", format!("没有字段“{}”", def.display));
        }
        self.scope();
        self.tree();
        for field in def.fields.values() {
            self.field(field);
        }
        for transition in &def.transitions {
            for set in &transition.sets {
                let time = def.field(set).is_some_and(|f| f.kind == FieldKind::Timestamp && f.readonly);
                if !time {
                    let key = format!("transition[{}].sets[{set}]", transition.id);
                    self.add(&key, format!("“{set}”须是本资源的 timestamp 字段，并写明 readonly = true"));
                }
            }
            for name in &transition.requires {
                if def.links().all(|(field, _)| field.name != *name || field.link.must_be.is_empty()) {
                    let key = format!("transition[{}].requires[{name}]", transition.id);
                    self.add(&key, format!("“{name}”须是写明 must_be 的 ref 或 found_in 字段"));
                }
            }
        }
        self.checks();
        for (key, message) in strange_names(def) {
            self.add(&key, message);
        }
    }

    fn scope(&mut self) {
        let def = &self.source.def;
        let Some(scope) = &def.scope else { return };
        let clear = |name: &str| def.fields.get(name).filter(|f| !f.is_encrypted());
        let district = &scope.district;
        let fits = clear(district).is_some_and(|f| {
            f.required && f.format == Some(TextFormat::District) && f.kind == FieldKind::Text
        });
        if !fits {
            self.add(
                "scope",
                format!("“{district}”须是本资源的必填 text 字段，并写明 format = \"district\""),
            );
        }
        if let Some(street) = &scope.street
            && clear(street).is_none_or(|f| f.kind != FieldKind::Text)
        {
            self.add("scope.street", format!("“{street}”须是本资源未加密的 text 字段（9 位街镇代码）"));
        }
        let is_tree = |id: &str| self.resource(id).is_some_and(|r| r.parent.is_some());
        if let Some(organization) = &scope.organization
            && !self.points_to(organization, is_tree)
        {
            let message = format!(
                "“{organization}”须是引用组织机构（带 [tree] 的资源）的 ref 字段，或在该资源自身写 \"id\""
            );
            self.add("scope.organization", message);
        }
        if let Some(person) = &scope.person
            && !self.points_to(person, |id| self.is_person(id))
        {
            let message = format!("“{person}”须是 ref 字段，各资源引用同一个资源，或在该资源自身写 \"id\"");
            self.add("scope.person", message);
        }
    }

    /// Whether a scope field leads to a resource of a kind: as the record itself or as a reference.
    fn points_to(&self, field: &str, kind: impl Fn(&str) -> bool) -> bool {
        let def = &self.source.def;
        match def.field(field).map(|f| &f.kind) {
            None => field == OWN_ID && kind(&def.id),
            Some(FieldKind::Ref(target)) => kind(target),
            Some(_) => false,
        }
    }

    /// The resource of persons is the one whose records stand for themselves.
    fn is_person(&self, id: &str) -> bool {
        let own = |def: &ResourceDef| def.scope.as_ref().and_then(|s| s.person.as_deref()) == Some(OWN_ID);
        self.resource(id).is_some_and(own)
    }

    fn tree(&mut self) {
        let def = &self.source.def;
        let Some(parent) = &def.parent else { return };
        let own = FieldKind::Ref(def.id.clone());
        if def.field(parent).is_none_or(|f| f.kind != own || f.required || f.is_encrypted()) {
            self.add("tree.parent", format!("“{parent}”须是引用本资源自身、可以为空的 ref 字段"));
        }
        // One grant names one hierarchy; with two of them an id would mean two things.
        if self.sources.iter().any(|s| s.def.parent.is_some() && s.def.id < def.id) {
            self.add("tree.parent", "只能有一个资源带 [tree]".into());
        }
    }

    fn field(&mut self, field: &FieldDef) {
        let def = &self.source.def;
        if let FieldKind::Ref(target) = &field.kind
            && self.resource(target).is_none()
        {
            self.add(&format!("field[{}].references", field.name), format!("没有资源“{target}”"));
        }
        self.link(field);
        self.computed(field);
        if let Some(inside) = &field.inside {
            let district = def.field(inside).is_some_and(|f| f.format == Some(TextFormat::District));
            if !district || field.format != Some(TextFormat::Street) {
                let message = "须是 format = \"street\" 的字段，并指向本资源 format = \"district\" 的字段";
                self.add(&format!("field[{}].inside", field.name), message.into());
            }
        }
        let Some(copy) = &field.copy else {
            let filled =
                def.transitions.iter().any(|t| t.sets.contains(&field.name)) || field.default.is_some();
            if field.required && field.readonly && !filled {
                self.add("-", format!("字段 {} 必填又只读，却没有 default 或 copy_from", field.name));
            }
            return;
        };
        let key = format!("field[{}].copy", field.name);
        let Some((_, target)) = def.links().find(|(f, _)| f.name == copy.via) else {
            self.add(&key, format!("“{}”不是本资源的 ref 或 found_in 字段", copy.via));
            return;
        };
        let Some(origin) = self.resource(target).map(|r| r.field(&copy.field)) else { return };
        let same = origin.is_some_and(|o| !o.is_encrypted() && o.kind == field.kind && !field.is_encrypted());
        if !same {
            let message = format!("资源 {target} 没有同类型、未加密的字段“{}”", copy.field);
            self.add(&key, message);
        }
        if copy.when == CopyWhen::Always && matches!(field.default, Some(DefaultValue::Fixed(_))) {
            self.add(&key, "copy_from 的字段不会用到 default，请删去其一".into());
        }
    }

    fn link(&mut self, field: &FieldDef) {
        let def = &self.source.def;
        let key = |part: &str| format!("field[{}].{part}", field.name);
        if let Some((target, name)) = &field.link.found_in {
            let origin = self.resource(target).and_then(|r| r.field(name));
            // A number is looked up by its pseudonym where it is personal, so both ends must make the same one.
            let same = origin.is_some_and(|o| {
                o.unique.is_some()
                    && (o.visibility == Visibility::Personal) == (field.visibility == Visibility::Personal)
                    && (o.visibility != Visibility::Personal || o.token_domain == field.token_domain)
            });
            if field.kind != FieldKind::Text || field.visibility == Visibility::Secret || !same {
                let message = format!(
                    "须是 text 字段，并指向资源 {target} 的 unique 字段“{name}”，两边的 visibility 和 token_domain 一致"
                );
                self.add(&key("found_in"), message);
            }
        }
        let target = def.links().find(|(f, _)| f.name == field.name).and_then(|(_, id)| self.resource(id));
        let Some(target) = target else {
            if !field.link.must_be.is_empty() {
                self.add(&key("must_be"), "只用于 ref 和 found_in 字段".into());
            }
            if !field.link.same.is_empty() {
                self.add(&key("same"), "只用于 ref 和 found_in 字段".into());
            }
            return;
        };
        let strange: Vec<_> = field.link.must_be.iter().filter(|s| target.state(s).is_none()).collect();
        let differing: Vec<_> = field
            .link
            .same
            .iter()
            .filter(|name| match (def.field(name), target.field(name)) {
                (Some(own), Some(other)) => {
                    own.kind != other.kind || own.is_encrypted() || other.is_encrypted()
                }
                _ => true,
            })
            .collect();
        let target = target.id.clone();
        for state in strange {
            self.add(&key("must_be"), format!("资源 {target} 没有状态“{state}”"));
        }
        for name in differing {
            self.add(&key("same"), format!("本资源和资源 {target} 须都有同类型、未加密的字段“{name}”"));
        }
    }

    fn computed(&mut self, field: &FieldDef) {
        let Some(terms) = &field.computed else { return };
        let key = format!("field[{}].computed", field.name);
        if !matches!(field.kind, FieldKind::Money | FieldKind::Decimal { .. }) {
            self.add(&key, "只用于 money 和 decimal 字段".into());
        }
        for term in terms {
            let fits =
                self.source.def.field(&term.field).is_some_and(|f| f.kind == field.kind && !f.is_encrypted());
            if !fits || term.field == field.name {
                self.add(&key, format!("“{}”须是本资源另一个同类型、未加密的字段", term.field));
            }
        }
    }

    fn checks(&mut self) {
        let def = &self.source.def;
        for check in &def.checks {
            if def.field(&check.field).is_none() {
                self.add(&format!("check[{}].field", check.id), format!("没有字段“{}”", check.field));
            }
            let key = format!("check[{}].rule", check.id);
            let mut sorts = Vec::new();
            for name in check.rule.fields() {
                match def.field(name).and_then(sort) {
                    Some(sort) => sorts.push(sort),
                    None => self.add(&key, format!("“{name}”不是本资源未加密的数字、date 或 timestamp 字段")),
                }
            }
            let single = check.rule.left.len() == 1 && check.rule.right.len() == 1;
            if sorts.windows(2).any(|w| w[0] != w[1]) || (!single && sorts.iter().any(|s| *s != "number")) {
                self.add(&key, "两边须是同类字段，日期和时间不能加减".into());
            }
        }
    }

    fn resource(&self, id: &str) -> Option<&ResourceDef> {
        self.sources.iter().map(|s| &s.def).find(|d| d.id == id)
    }

    fn add(&mut self, key: &str, message: String) {
        self.errors.push(error(self.source, key, message));
    }
}

/// What a field is compared as in a rule.
fn sort(field: &FieldDef) -> Option<&'static str> {
    match &field.kind {
        _ if field.visibility == Visibility::Secret || field.is_encrypted() => None,
        FieldKind::Date => Some("date"),
        FieldKind::Timestamp => Some("timestamp"),
        kind if kind.is_number() => Some("number"),
        _ => None,
    }
}

fn error(source: &Source, key: &str, message: String) -> DefinitionError {
    let (line, col) = place(&source.text, source.places.get(key).copied().unwrap_or(0));
    DefinitionError { file: source.file.clone(), line, col, key: key.to_owned(), message }
}

/// Foreign keys need their target table first; a self-reference is no obstacle.
fn order(sources: &[Source], errors: &mut Vec<DefinitionError>) -> Vec<String> {
    let mut ordered: Vec<String> = Vec::new();
    let mut waiting: Vec<&Source> = sources.iter().collect();
    while !waiting.is_empty() {
        let is_ready = |source: &Source| {
            source.def.references().all(|(_, target)| {
                target == source.def.id
                    || ordered.iter().any(|o| o == target)
                    || sources.iter().all(|s| s.def.id != target)
            })
        };
        let (ready, blocked): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|s| is_ready(s));
        if ready.is_empty() {
            let names: Vec<_> = blocked.iter().map(|s| s.def.id.as_str()).collect();
            errors.push(error(
                blocked[0],
                "references",
                format!("资源 {} 互相引用，请去掉一个方向", names.join("、")),
            ));
            break;
        }
        ordered.extend(ready.iter().map(|s| s.def.id.clone()));
        waiting = blocked;
    }
    ordered
}
