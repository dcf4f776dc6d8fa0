//! Checks that need more than one file or all fields of one: where references lead, copied fields, sums; and the order in
//! which tables can be created. An id that names no resource is noted while reading; what leads there is not judged here.

use pujiang_definition::{DefinitionError, Places};

use super::{
    CopyFrom, CopyWhen, DISTRICT, DefaultValue, FieldDef, FieldKind, OWN_ID, ResourceDef, TextFormat,
    Visibility,
};

/// Adds what is wrong to `errors`; returns the ids in an order where each comes after those it refers to.
pub(super) fn verify(all: &[(ResourceDef, Places)], errors: &mut Vec<DefinitionError>) -> Vec<String> {
    for (def, places) in all {
        Checker { def, places, all, errors }.run();
    }
    order(all, errors)
}

struct Checker<'a> {
    def: &'a ResourceDef,
    places: &'a Places,
    all: &'a [(ResourceDef, Places)],
    errors: &'a mut Vec<DefinitionError>,
}

impl<'a> Checker<'a> {
    fn run(&mut self) {
        self.scope();
        self.tree();
        let def = self.def;
        for field in def.fields.values() {
            self.link(field);
            self.found_in(field);
            self.computed(field);
            self.inside(field);
            match &field.copy {
                Some(copy) => self.copy(field, copy),
                None => self.filled(field),
            }
        }
    }

    fn scope(&mut self) {
        let Some(scope) = &self.def.scope else { return };
        if scope.district != DISTRICT && self.def.field(DISTRICT).is_some() {
            let message =
                format!("字段 {DISTRICT} 不是 scope 所指的区，数据湖会按它分区：请改名，或让 scope 指向它");
            self.add("scope", message);
        }
        let is_tree = |id: &str| self.resource(id).is_none_or(|r| r.parent.is_some());
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
        match self.def.field(field).map(|f| &f.kind) {
            None => field == OWN_ID && kind(&self.def.id),
            Some(FieldKind::Ref(target)) => kind(target),
            Some(_) => false,
        }
    }

    /// The resource of persons is the one whose records stand for themselves.
    fn is_person(&self, id: &str) -> bool {
        let own = |def: &ResourceDef| def.scope.as_ref().and_then(|s| s.person.as_deref()) == Some(OWN_ID);
        self.resource(id).is_none_or(own)
    }

    fn tree(&mut self) {
        let def = self.def;
        let Some(parent) = &def.parent else { return };
        let own = FieldKind::Ref(def.id.clone());
        if def.field(parent).is_none_or(|f| f.kind != own || f.required || f.is_encrypted()) {
            self.add("tree.parent", format!("“{parent}”须是引用本资源自身、可以为空的 ref 字段"));
        }
        // One grant names one hierarchy; with two of them an id would mean two things.
        if self.all.iter().any(|(other, _)| other.parent.is_some() && other.id < def.id) {
            self.add("tree.parent", "只能有一个资源带 [tree]");
        }
    }

    fn inside(&mut self, field: &FieldDef) {
        let Some(inside) = &field.inside else { return };
        let district = self.def.field(inside).is_some_and(|f| f.format == Some(TextFormat::District));
        if !district || field.format != Some(TextFormat::Street) {
            let message = "须是 format = \"street\" 的字段，并指向本资源 format = \"district\" 的字段";
            self.add_at(field, "inside", message);
        }
    }

    /// A field nobody may type needs something that fills it.
    fn filled(&mut self, field: &FieldDef) {
        let is_set = self.def.transitions.iter().any(|t| t.sets.contains(&field.name));
        if field.required && field.readonly && !is_set && field.default.is_none() {
            let message = format!("字段 {} 必填又只读，却没有 default 或 copy_from", field.name);
            self.add_at(field, "readonly", message);
        }
    }

    fn copy(&mut self, field: &FieldDef, copy: &CopyFrom) {
        let key = copy.when.key();
        let Some(target) = self.def.field(&copy.via).and_then(FieldDef::target) else {
            self.add_at(field, key, format!("“{}”不是本资源的 ref 或 found_in 字段", copy.via));
            return;
        };
        let same =
            |origin: &FieldDef| !origin.is_encrypted() && origin.kind == field.kind && !field.is_encrypted();
        if !self.resource(target).is_none_or(|r| r.field(&copy.field).is_some_and(same)) {
            self.add_at(field, key, format!("资源 {target} 没有同类型、未加密的字段“{}”", copy.field));
        }
        if copy.when == CopyWhen::Always && matches!(field.default, Some(DefaultValue::Fixed(_))) {
            self.add_at(field, key, "copy_from 的字段不会用到 default，请删去其一");
        }
    }

    fn found_in(&mut self, field: &FieldDef) {
        let Some((target, name)) = &field.link.found_in else { return };
        let is_personal = |f: &FieldDef| f.visibility == Visibility::Personal;
        // A number is looked up by its pseudonym where it is personal, so both ends must make the same one.
        let same = |origin: &FieldDef| {
            origin.unique.is_some()
                && is_personal(origin) == is_personal(field)
                && (!is_personal(origin) || origin.token_domain == field.token_domain)
        };
        let fits = self.resource(target).is_none_or(|r| r.field(name).is_some_and(same));
        if field.kind != FieldKind::Text || field.visibility == Visibility::Secret || !fits {
            let message = format!(
                "须是 text 字段，并指向资源 {target} 的 unique 字段“{name}”，两边的 visibility 和 token_domain 一致"
            );
            self.add_at(field, "found_in", message);
        }
    }

    fn link(&mut self, field: &FieldDef) {
        let link = &field.link;
        let Some(id) = field.target() else {
            for (key, names) in [("must_be", &link.must_be), ("same", &link.same)] {
                if !names.is_empty() {
                    self.add_at(field, key, "只用于 ref 和 found_in 字段");
                }
            }
            return;
        };
        let Some(target) = self.resource(id) else { return };
        for state in link.must_be.iter().filter(|state| target.state(state).is_none()) {
            self.add_at(field, "must_be", format!("资源 {id} 没有状态“{state}”"));
        }
        for name in &link.same {
            let agree = match (self.def.field(name), target.field(name)) {
                (Some(own), Some(other)) => {
                    own.kind == other.kind && !own.is_encrypted() && !other.is_encrypted()
                }
                _ => false,
            };
            if !agree {
                self.add_at(field, "same", format!("本资源和资源 {id} 须都有同类型、未加密的字段“{name}”"));
            }
        }
    }

    fn computed(&mut self, field: &FieldDef) {
        let Some(terms) = &field.computed else { return };
        if !matches!(field.kind, FieldKind::Money | FieldKind::Decimal { .. }) {
            self.add_at(field, "computed", "只用于 money 和 decimal 字段");
        }
        for term in terms {
            let same = |other: &FieldDef| other.kind == field.kind && !other.is_encrypted();
            if !self.def.field(&term.field).is_some_and(same) || term.field == field.name {
                let message = format!("“{}”须是本资源另一个同类型、未加密的字段", term.field);
                self.add_at(field, "computed", message);
            }
        }
    }

    fn resource(&self, id: &str) -> Option<&'a ResourceDef> {
        self.all.iter().map(|(def, _)| def).find(|def| def.id == id)
    }

    fn add_at(&mut self, field: &FieldDef, key: &str, message: impl Into<String>) {
        self.add(&format!("field[{}].{key}", field.name), message);
    }

    fn add(&mut self, key: &str, message: impl Into<String>) {
        self.errors.push(self.places.error(key, message));
    }
}

/// Foreign keys need their target table first; a self-reference is no obstacle.
fn order(all: &[(ResourceDef, Places)], errors: &mut Vec<DefinitionError>) -> Vec<String> {
    let mut ordered: Vec<String> = Vec::new();
    let mut waiting: Vec<&(ResourceDef, Places)> = all.iter().collect();
    while !waiting.is_empty() {
        let waits_for = |def: &ResourceDef, target: &str| {
            target != def.id && waiting.iter().any(|(other, _)| other.id == target)
        };
        let is_ready =
            |(def, _): &&(ResourceDef, Places)| !def.references().any(|(_, target)| waits_for(def, target));
        let (ready, blocked): (Vec<_>, Vec<_>) = waiting.iter().copied().partition(is_ready);
        if ready.is_empty() {
            let names: Vec<&str> = blocked.iter().map(|(def, _)| def.id.as_str()).collect();
            let message = format!("资源 {} 互相引用，请去掉一个方向", names.join("、"));
            let (def, places) = blocked[0];
            let obstacle = def.references().find(|(_, target)| waits_for(def, target));
            let key =
                obstacle.map_or_else(String::new, |(field, _)| format!("field[{}].references", field.name));
            errors.push(places.error(&key, message));
            break;
        }
        ordered.extend(ready.iter().map(|(def, _)| def.id.clone()));
        waiting = blocked;
    }
    ordered
}
