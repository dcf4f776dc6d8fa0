//! Loading all definitions: built in or from a folder, all or nothing, all errors of all files in one report.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;
use rust_embed::RustEmbed;

use super::{ResourceDef, SharedResource, reading, verify};

#[derive(RustEmbed)]
#[folder = "resources/"]
struct Builtin;

/// A mistake in a definition file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionError {
    /// File as it was given.
    pub file: String,
    /// Line from 1.
    pub line: usize,
    /// Column from 1.
    pub col: usize,
    /// Key at fault.
    pub key: String,
    /// What to do.
    pub message: String,
}

impl fmt::Display for DefinitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}: {}", self.file, self.line, self.col, self.key, self.message)
    }
}

impl std::error::Error for DefinitionError {}

/// All resources, in an order in which each comes after those it refers to.
#[derive(Clone, Debug)]
pub struct Definitions {
    resources: IndexMap<String, SharedResource>,
}

impl Definitions {
    /// The definitions compiled into the program.
    pub fn builtin() -> Result<Self, Vec<DefinitionError>> {
        let mut files = Vec::new();
        for name in Builtin::iter().filter(|name| name.ends_with(".toml")) {
            if let Some(file) = Builtin::get(&name) {
                files.push((format!("transactional/resources/{name}"), file.data.into_owned()));
            }
        }
        Self::read(files)
    }

    /// The definitions in a folder.
    pub fn load_from(dir: &Path) -> Result<Self, Vec<DefinitionError>> {
        let unreadable = |file: &Path, e: &std::io::Error| {
            vec![DefinitionError {
                file: file.display().to_string(),
                line: 1,
                col: 1,
                key: "-".into(),
                message: format!("无法读取：{e}"),
            }]
        };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(dir).map_err(|e| unreadable(dir, &e))? {
            let path = entry.map_err(|e| unreadable(dir, &e))?.path();
            if path.extension().is_some_and(|e| e == "toml") {
                let bytes = std::fs::read(&path).map_err(|e| unreadable(&path, &e))?;
                files.push((path.display().to_string(), bytes));
            }
        }
        Self::read(files)
    }

    fn read(mut files: Vec<(String, Vec<u8>)>) -> Result<Self, Vec<DefinitionError>> {
        // The same report whatever order the folder lists its files in.
        files.sort();
        let mut errors = Vec::new();
        let mut sources = Vec::new();
        for (file, bytes) in files {
            match String::from_utf8(bytes) {
                Ok(text) => {
                    let (source, found) = reading::read(file, text);
                    errors.extend(found);
                    sources.extend(source);
                }
                Err(_) => errors.push(DefinitionError {
                    file,
                    line: 1,
                    col: 1,
                    key: "-".into(),
                    message: "不是 UTF-8 文本，请另存为 UTF-8".into(),
                }),
            }
        }
        let order = verify::verify(&sources, &mut errors);
        if !errors.is_empty() {
            errors.sort_by(|a, b| (&a.file, a.line, a.col).cmp(&(&b.file, b.line, b.col)));
            return Err(errors);
        }
        let mut by_id: IndexMap<String, ResourceDef> =
            sources.into_iter().map(|s| (s.def.id.clone(), s.def)).collect();
        let resources = order
            .into_iter()
            .filter_map(|id| by_id.shift_remove(&id).map(|def| (id, Arc::new(def))))
            .collect();
        Ok(Self { resources })
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
        Definitions::read(files.iter().map(|(n, t)| ((*n).to_owned(), t.as_bytes().to_vec())).collect())
            .map_err(|errors| errors.iter().map(ToString::to_string).collect())
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
            "a.toml:1:1: title: 缺",
            "a.toml:3:1: titel: 没有",
            "a.toml:6:11: display: ",
            "a.toml:15:8: field[name].type: ",
            "a.toml:16:1: field[name].colour: 没有",
            "B-d.toml:1:1: id: ",
        ] {
            assert!(errors.iter().any(|e| e.starts_with(expected)), "{expected} in {errors:#?}");
        }
        assert!(errors.iter().any(|e| e.starts_with("b.toml:1:")), "{errors:#?}");
    }

    #[test]
    fn references_between_files_are_checked() {
        let ref_field = "[[field]]\nname = \"b_id\"\ntitle = \"乙\"\ntype = \"ref\"\nreferences = \"b\"\nvisibility = \"internal\"\n";
        let a = format!("{GOOD}{ref_field}");
        let errors = load(&[("a.toml", &a)]).unwrap_err();
        assert!(errors[0].contains("references"), "{errors:?}");
        assert!(load(&[("a.toml", &a), ("b.toml", GOOD)]).is_ok());
        // Two resources that need each other first could never be created.
        let b = GOOD.to_owned() + &ref_field.replace("\"b\"", "\"a\"").replace("b_id", "a_id");
        let errors = load(&[("a.toml", &a), ("b.toml", &b)]).unwrap_err();
        assert!(errors[0].contains("互相引用"), "{errors:?}");
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
            assert!(errors.iter().any(|e| e.contains(key)), "{key}: {errors:?}");
        }
    }

    #[test]
    fn a_table_needs_a_visibility_and_a_scope_its_column() {
        let errors = load(&[("a.toml", &GOOD.replace("visibility = \"public\"\n", ""))]).unwrap_err();
        assert!(errors[0].contains("field[name].visibility"), "{errors:?}");
        let errors =
            load(&[("a.toml", &GOOD.replace("scope = \"none\"", "scope = \"district_code\""))]).unwrap_err();
        assert!(errors[0].contains("a.toml:7:9: scope"), "{errors:?}");
        let errors = load(&[("a.toml", &GOOD.replace("scope = \"none\"\n", ""))]).unwrap_err();
        assert!(errors[0].contains("scope: 缺"), "{errors:?}");
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
            ("state[on].edit[nome]", state(&guarded.replace("[\"name\"]", "[\"nome\"]"))),
            ("state[on].review", state("edit = \"all\"\nreview = \"all\"")),
            ("state[on].review[name]", state(&format!("{guarded}\nreview = [\"name\"]"))),
            ("state[on].delete", state("delete = \"maybe\"")),
            ("state[on].editors", state(&guarded.replace("city_analyst", "king"))),
            ("state[on].remedy", state("delete = \"never\"")),
            ("field[x].must_be", field("type = \"ref\"\nreferences = \"b\"\nmust_be = [\"off\"]")),
            ("field[x].must_be", field("type = \"text\"\nmust_be = [\"on\"]")),
            ("field[x].same", field("type = \"ref\"\nreferences = \"b\"\nsame = [\"size\"]")),
            ("field[x].found_in", field("type = \"text\"\nfound_in = \"b.name\"")),
            ("field[x].found_in", field("type = \"text\"\nfound_in = \"b\"")),
            ("field[x].computed", field("type = \"money\"\ncomputed = \"name\"")),
            ("field[x].computed", field("type = \"text\"\ncomputed = \"name * 2\"")),
            ("field[x].inside", field("type = \"text\"\nformat = \"street\"\ninside = \"name\"")),
            ("field[x].not_before", field("type = \"date\"\nnot_before = \"soon\"")),
            ("field[x].taken", field("type = \"text\"\ntaken = \"limit\"")),
            ("field[x].writers", field("type = \"text\"\nwriters = [\"king\"]")),
        ] {
            let errors = load(&[("a.toml", &bad), ("b.toml", GOOD)]).map(|_| ()).unwrap_err();
            assert!(errors.iter().any(|e| e.contains(key)), "{key}: {errors:?}");
        }
    }
}
