//! Loading all definitions: built in or from folders, all or nothing, all errors of all files in one report.

use std::sync::Arc;

use indexmap::IndexMap;
use pujiang_definition::{DefinitionError, Known, Layers, Loaded, RESOURCES, Sources, read_all};
use rust_embed::RustEmbed;

use super::{ResourceDef, SharedResource, reading, verify};

#[derive(RustEmbed)]
#[folder = "resources/"]
struct Builtin;

/// All resources, in an order in which each comes after those it refers to.
#[derive(Clone, Debug)]
pub struct Definitions {
    resources: IndexMap<String, SharedResource>,
}

impl Definitions {
    /// The definitions compiled into the program.
    ///
    /// # Errors
    /// Every mistake of every file.
    pub fn builtin() -> Result<Self, Vec<DefinitionError>> {
        Self::load(&Layers::builtin()).finished()
    }

    /// The definitions of these layers.
    #[must_use]
    pub fn load(layers: &Layers) -> Loaded<Self> {
        Self::read(&layers.sources::<Builtin>(&RESOURCES))
    }

    /// The definitions of these files. Resources refer to resources only, so their references are followed here.
    #[must_use]
    pub fn read(sources: &Sources) -> Loaded<Self> {
        let mut loaded = read_all(sources, |file, top| Some(reading::resource(file, top)));
        let mut known = Known::default();
        known.add(&RESOURCES, &loaded.ids);
        loaded.errors.extend(known.dangling(loaded.references.iter().filter(|one| one.room == RESOURCES)));
        loaded.references.retain(|one| one.room != RESOURCES);
        loaded.map(|read, errors| {
            let order = verify::verify(&read, errors);
            let mut by_id: IndexMap<String, ResourceDef> = read
                .into_iter()
                .map(|(def, places)| (def.id.clone(), ResourceDef { places, ..def }))
                .collect();
            let shared = |id: String| by_id.swap_remove(&id).map(|def| (id, Arc::new(def)));
            Self { resources: order.into_iter().filter_map(shared).collect() }
        })
    }

    /// A resource by its id.
    pub fn get(&self, id: &str) -> Option<&Arc<ResourceDef>> {
        self.resources.get(id)
    }

    /// The hierarchy of organisations with its field of the parent.
    pub fn tree(&self) -> Option<(&Arc<ResourceDef>, &str)> {
        self.iter().find_map(|def| Some((def, def.parent.as_deref()?)))
    }

    /// All resources.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<ResourceDef>> {
        self.resources.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(files: &[(&str, &str)]) -> Result<Definitions, Vec<String>> {
        Definitions::read(&Sources::texts(&RESOURCES, files.iter().copied()))
            .finished()
            .map_err(|errors| errors.iter().map(ToString::to_string).collect())
    }

    /// Whether a line names a place and key, such as `a.toml:3:1: titel: `, after the folder.
    fn is_at(error: &str, place: &str) -> bool {
        error.strip_prefix("transactional/resources/").is_some_and(|rest| rest.starts_with(place))
    }

    const GOOD: &str = r#"
format = 1
title = "甲"
description = "一个资源"
group = "组"
display = "name"
scope = "none"
initial_state = "on"
[[state]]
code = "on"
label = "启用"
[[field]]
name = "name"
title = "名称"
type = "text"
visibility = "public"
"#;

    #[test]
    fn builtin_definitions_load() {
        let definitions = Definitions::builtin().unwrap_or_else(|errors| {
            panic!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        });
        let ids: Vec<_> = definitions.iter().map(|d| d.id.as_str()).collect();
        for id in ["region", "person", "card_holder", "preferential_card", "organization", "merchant_profile"]
            .into_iter()
            .chain(["benefit_service", "service_point", "benefit_transaction"])
        {
            assert!(ids.contains(&id), "{id}");
        }
        let position = |id: &str| ids.iter().position(|i| *i == id);
        assert!(position("merchant_profile") < position("benefit_transaction"));
    }

    #[test]
    fn a_small_definition_loads() {
        let definitions = load(&[("a.toml", GOOD)]).unwrap();
        assert_eq!(definitions.get("a").map(|d| d.title.as_str()), Some("甲"));
    }

    #[test]
    fn all_errors_of_all_files_come_at_once_with_their_place() {
        let bad = GOOD
            .replace("title = \"甲\"", "titel = \"甲\"")
            .replace("type = \"text\"", "type = \"txt\"\ncolour = 1")
            .replace("display = \"name\"", "display = \"nome\"");
        let errors = load(&[("a.toml", &bad), ("b.toml", "format = \n"), ("B-d.toml", GOOD)]).unwrap_err();
        for expected in [
            "a.toml:1:1: title: 缺少此键",
            "a.toml:3:1: titel: 没有这个键",
            "a.toml:6:11: display: ",
            "a.toml:15:8: field[name].type: ",
            "a.toml:16:1: field[name].colour: 没有这个键",
            "B-d.toml:1:1: id: ",
            "b.toml:1:",
        ] {
            assert!(errors.iter().any(|e| is_at(e, expected)), "{expected} in {errors:#?}");
        }
        // How many mistakes the parser finds in what is no TOML is its own business.
        assert_eq!(errors.iter().filter(|e| !is_at(e, "b.toml")).count(), 6, "{errors:#?}");
    }

    #[test]
    fn a_name_in_a_list_is_found_at_its_place_beside_other_mistakes() {
        let transition = "[[transition]]\nid = \"stop\"\ntitle = \"停用\"\nfrom = [\"on\", \"off\"]\nto = \"gone\"\nroles = []\nsets = [1, \"name\"]\nrequires = [\"name\"]\n";
        let guard = "label = \"启用\"\nedit = [\"\", \"nome\"]\nremedy = \"无\"";
        let bad = GOOD.replace("label = \"启用\"", guard) + transition;
        let errors = load(&[("a.toml", &bad)]).unwrap_err();
        let expected = [
            "a.toml:12:9: state[on].edit[0]: ",
            "a.toml:12:13: state[on].edit[1]: “nome”",
            "a.toml:22:15: transition[stop].from[1]: 没有状态“off”",
            "a.toml:23:6: transition[stop].to: 没有状态“gone”",
            "a.toml:24:9: transition[stop].roles: ",
            "a.toml:25:9: transition[stop].sets[0]: ",
            "a.toml:25:12: transition[stop].sets[1]: “name”",
            "a.toml:26:13: transition[stop].requires[0]: “name”",
        ];
        assert_eq!(errors.len(), expected.len(), "{errors:#?}");
        for (error, place) in errors.iter().zip(expected) {
            assert!(is_at(error, place), "{place} in {errors:#?}");
        }
    }

    #[test]
    fn references_between_files_are_checked() {
        let ref_field = "[[field]]\nname = \"b_id\"\ntitle = \"乙\"\ntype = \"ref\"\nreferences = \"b\"\nvisibility = \"internal\"\n";
        let a = format!("{GOOD}{ref_field}");
        let errors = load(&[("a.toml", &a)]).unwrap_err();
        assert!(is_at(&errors[0], "a.toml:21:14: field[b_id].references: 没有资源“b”"), "{errors:?}");
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(load(&[("a.toml", &a), ("b.toml", GOOD)]).is_ok());
        // A resource whose own file cannot be read is there all the same.
        let errors = load(&[("a.toml", &a), ("b.toml", "format = \n")]).unwrap_err();
        assert!(errors.iter().all(|e| is_at(e, "b.toml:1:")), "{errors:?}");
        // Two resources that need each other first could never be created.
        let b = GOOD.to_owned() + &ref_field.replace("\"b\"", "\"a\"").replace("b_id", "a_id");
        let errors = load(&[("a.toml", &a), ("b.toml", &b)]).unwrap_err();
        assert!(is_at(&errors[0], "a.toml:21:14: field[b_id].references: 资源 a、b 互相引用"), "{errors:?}");
    }

    #[test]
    fn roles_are_references_with_their_places() {
        let state = "label = \"启用\"\nedit = \"all\"\neditors = [\"clerk\", \"king\"]\nremedy = \"无\"";
        let transition = "[[transition]]\nid = \"stop\"\ntitle = \"停用\"\nfrom = [\"on\"]\nto = \"on\"\nroles = [\"queen\"]\n";
        let text = format!("write_roles = [\"boss\"]\n{}", GOOD.trim_start())
            .replace("label = \"启用\"", state)
            .replace("visibility = \"public\"\n", "visibility = \"public\"\nwriters = [\"page\"]\n")
            + transition;
        let loaded = Definitions::read(&Sources::texts(&RESOURCES, [("a.toml", text.as_str())]));
        assert_eq!(loaded.errors, []);
        let named: Vec<String> = loaded
            .references
            .iter()
            .map(|one| format!("{} {} {}:{}", one.room.folder, one.id, one.place.key, one.place.line))
            .collect();
        assert_eq!(
            named,
            [
                "security/roles boss write_roles[0]:1",
                "security/roles page field[name].writers[0]:20",
                "security/roles clerk state[on].editors[0]:13",
                "security/roles king state[on].editors[1]:13",
                "security/roles queen transition[stop].roles[0]:26",
            ]
        );
    }

    #[test]
    fn references_are_told_once() {
        let link = "[[field]]\nname = \"no\"\ntitle = \"号\"\ntype = \"text\"\nfound_in = \"b.no\"\nmust_be = [\"on\"]\nvisibility = \"internal\"\n";
        let a = format!("{GOOD}{link}");
        let loaded = Definitions::read(&Sources::texts(&RESOURCES, [("a.toml", a.as_str())]));
        let errors: Vec<String> = loaded.errors.iter().map(ToString::to_string).collect();
        assert_eq!((errors.len(), loaded.references.len()), (1, 0), "{errors:?}");
        assert!(is_at(&errors[0], "a.toml:21:12: field[no].found_in: 没有资源“b”"), "{errors:?}");
    }

    #[test]
    fn finer_scopes_need_fields_that_lead_there() {
        let district = "[[field]]\nname = \"district_code\"\ntitle = \"区\"\ntype = \"text\"\nvisibility = \"public\"\nformat = \"district\"\nrequired = true\n";
        let reference = |name: &str, target: &str| {
            format!(
                "[[field]]\nname = \"{name}\"\ntitle = \"乙\"\ntype = \"ref\"\nreferences = \"{target}\"\nvisibility = \"internal\"\n"
            )
        };
        let scoped = |keys: &str| {
            let plain = GOOD.replace("scope = \"none\"\n", "");
            format!("{plain}{district}[scope]\ndistrict = \"district_code\"\n{keys}\n")
        };
        let org = format!(
            "{}{}[tree]\nparent = \"parent_id\"\n",
            scoped("organization = \"id\""),
            reference("parent_id", "org")
        );
        let person = scoped("person = \"id\"");
        let all = scoped("street = \"name\"\norganization = \"org_id\"\nperson = \"person_id\"")
            + &reference("org_id", "org")
            + &reference("person_id", "person");
        let files =
            |all: &str| load(&[("all.toml", all), ("org.toml", &org), ("person.toml", &person)]).map(|_| ());
        assert_eq!(files(&all), Ok(()));
        for (key, bad) in [
            ("scope.street", all.replace("street = \"name\"", "street = \"nome\"")),
            ("scope.organization", all.replace("organization = \"org_id\"", "organization = \"person_id\"")),
            ("scope.organization", all.replace("organization = \"org_id\"", "organization = \"id\"")),
            ("scope.person", all.replace("person = \"person_id\"", "person = \"org_id\"")),
            ("scope.squad", all.replace("street = ", "squad = ")),
            ("tree.parent", format!("{all}[tree]\nparent = \"org_id\"\n")),
        ] {
            let errors = files(&bad).unwrap_err();
            assert!(errors.iter().any(|e| e.contains(&format!(": {key}: "))), "{key}: {errors:?}");
        }
    }

    #[test]
    fn a_table_needs_a_visibility_and_a_scope_its_column() {
        let errors = load(&[("a.toml", &GOOD.replace("visibility = \"public\"\n", ""))]).unwrap_err();
        assert!(errors[0].contains(": field[name].visibility: 缺"), "{errors:?}");
        let errors =
            load(&[("a.toml", &GOOD.replace("scope = \"none\"", "scope = \"district_code\""))]).unwrap_err();
        assert!(is_at(&errors[0], "a.toml:7:9: scope: "), "{errors:?}");
        let errors = load(&[("a.toml", &GOOD.replace("scope = \"none\"\n", ""))]).unwrap_err();
        assert!(is_at(&errors[0], "a.toml:1:1: scope: 缺"), "{errors:?}");
    }

    #[test]
    fn guards_and_links_are_checked() {
        let state = |keys: &str| GOOD.replace("label = \"启用\"\n", &format!("label = \"启用\"\n{keys}\n"));
        let field = |keys: &str| {
            format!("{GOOD}[[field]]\nname = \"x\"\ntitle = \"乙\"\nvisibility = \"internal\"\n{keys}\n")
        };
        let guarded =
            "edit = [\"name\"]\ndelete = \"never\"\neditors = [\"city_analyst\"]\nremedy = \"请另行办理\"";
        for good in [
            state(guarded),
            state("edit = \"none\"\nreview = \"all\"\nremedy = \"请申请变更\""),
            field("type = \"ref\"\nreferences = \"b\"\nmust_be = [\"on\"]\nsame = [\"name\"]"),
            field("type = \"date\"\nnot_before = \"2020-01-01\"\nwriters = [\"sys_admin\"]"),
        ] {
            assert_eq!(load(&[("a.toml", &good), ("b.toml", GOOD)]).map(|_| ()), Ok(()), "{good}");
        }
        for (key, bad) in [
            ("state[on].edits", state("edits = \"all\"")),
            ("state[on].edit", state("edit = \"some\"")),
            ("state[on].edit[0]", state(&guarded.replace("[\"name\"]", "[\"nome\"]"))),
            ("state[on].review", state("edit = \"all\"\nreview = \"all\"")),
            ("state[on].review[0]", state(&format!("{guarded}\nreview = [\"name\"]"))),
            ("state[on].delete", state("delete = \"maybe\"")),
            ("state[on].remedy", state("delete = \"never\"")),
            ("field[x].must_be", field("type = \"ref\"\nreferences = \"b\"\nmust_be = [\"off\"]")),
            ("field[x].must_be", field("type = \"text\"\nmust_be = [\"on\"]")),
            ("field[x].same", field("type = \"ref\"\nreferences = \"b\"\nsame = [\"size\"]")),
            ("field[x].found_in", field("type = \"text\"\nfound_in = \"b.name\"")),
            ("field[x].found_in", field("type = \"text\"\nfound_in = \"b\"")),
            ("field[x].computed", field("type = \"money\"\ncomputed = \"name\"")),
            ("field[x].computed", field("type = \"text\"\ncomputed = \"name * 2\"")),
            ("field[x].copy_from", field("type = \"text\"\ncopy_from = \"name.name\"")),
            ("field[x].default_from", field("type = \"text\"\ndefault_from = \"b_id.name\"")),
            ("field[x].readonly", field("type = \"text\"\nrequired = true\nreadonly = true")),
            ("field[x].references", field("type = \"ref\"")),
            ("field[x].codes[1]", field("type = \"enum\"\ncodes = [\"a\", \"a:乙\"]")),
            ("field[x].scale", field("type = \"decimal\"\nscale = 12")),
            ("field[x].max_length", field("type = \"text\"\nmax_length = 0")),
            ("field[x].min", field("type = \"text\"\nmin = 1")),
            ("field[x].inside", field("type = \"text\"\nformat = \"street\"\ninside = \"name\"")),
            ("field[x].not_before", field("type = \"date\"\nnot_before = \"soon\"")),
            ("field[x].taken", field("type = \"text\"\ntaken = \"limit\"")),
        ] {
            let errors = load(&[("a.toml", &bad), ("b.toml", GOOD)]).map(|_| ()).unwrap_err();
            assert!(errors.iter().any(|e| e.contains(&format!(": {key}: "))), "{key}: {errors:?}");
        }
    }
}
