//! Loads all dimensions with every mistake of every file, and follows what lies within what.

use std::collections::BTreeSet;

use pujiang_definition::{DIMENSIONS, Layers, Loaded, Sources, read_all};
use rust_embed::RustEmbed;

use super::{DimensionDef, DimensionDefinitions, Members, read};
use crate::definition::DefinitionError;

#[derive(RustEmbed)]
#[folder = "dimensions/"]
struct Builtin;

impl DimensionDefinitions {
    /// The definitions built into the binary.
    ///
    /// # Errors
    /// Every mistake of every file.
    pub fn builtin() -> Result<Self, Vec<DefinitionError>> {
        Self::load(&Layers::builtin()).finished()
    }

    /// The definitions of the layers.
    #[must_use]
    pub fn load(layers: &Layers) -> Loaded<Self> {
        Self::read(&layers.sources::<Builtin>(&DIMENSIONS))
    }

    /// The definitions of files. The tables and dimensions they name are followed by whoever knows those.
    #[must_use]
    pub fn read(sources: &Sources) -> Loaded<Self> {
        read_all(sources, read::definition).map(|found, errors| {
            let dimensions =
                found.into_iter().map(|(dimension, places)| DimensionDef { places, ..dimension });
            let definitions = Self { dimensions: dimensions.collect() };
            errors.extend(definitions.all().iter().flat_map(|one| within(one, &definitions)));
            definitions
        })
    }
}

/// What is wrong with what a dimension lies within: circles, and members of a list that are not there.
fn within(dimension: &DimensionDef, definitions: &DimensionDefinitions) -> Vec<DefinitionError> {
    let mut above = BTreeSet::new();
    let mut next = dimension.parent.as_deref();
    while let Some(id) = next {
        if id == dimension.id {
            return vec![dimension.error("parent", format!("“{id}”又属于自己，请去掉这个循环"))];
        }
        // A circle among others is said where it is.
        next = above.insert(id).then(|| definitions.get(id)?.parent.as_deref()).flatten();
    }
    let parent = dimension.parent.as_deref().and_then(|id| definitions.get(id));
    let Some(Members::Listed(known)) = parent.map(|parent| &parent.members) else { return Vec::new() };
    let lost = dimension.listed().iter().filter_map(|member| {
        let code = member.parent.as_ref()?;
        let message = || format!("上级维度没有“{code}”，请改成它的成员");
        let key = format!("member[{}].parent", member.code);
        (!known.iter().any(|one| one.code == *code)).then(|| dimension.error(&key, message()))
    });
    lost.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "format = 1\ntitle = \"渠道\"\ndescription = \"说明\"\ncolumn = \"feed\"\n";
    const MEMBER: &str = "[[member]]\ncode = \"bank\"\ntitle = \"银行\"\ncolour = \"#2b6cb8\"\n";

    /// Loads the files and compares the mistakes, each as `file:line key`.
    fn check(files: &[(&str, &str)], expected: &[&str]) {
        let errors = DimensionDefinitions::read(&Sources::texts(&DIMENSIONS, files.iter().copied()))
            .finished()
            .err()
            .unwrap_or_default();
        let below = |error: &DefinitionError| error.file.replacen("metrics/dimensions/", "", 1);
        let shown: Vec<String> =
            errors.iter().map(|error| format!("{}:{} {}", below(error), error.line, error.key)).collect();
        assert_eq!(shown, expected, "{errors:#?}");
    }

    #[test]
    fn every_mistake_is_named_with_line_and_key() {
        check(&[("feed.toml", HEAD)], &[]);
        check(&[("feed.toml", &format!("{HEAD}{MEMBER}"))], &[]);
        check(&[("Feed.toml", HEAD), ("period.toml", HEAD)], &["Feed.toml:1 ", "period.toml:1 "]);
        check(
            &[("feed.toml", &format!("{HEAD}color = 1\n{MEMBER}{MEMBER}"))],
            &["feed.toml:5 color", "feed.toml:11 member[bank].code"],
        );
        let bad = MEMBER.replace("#2b6cb8", "blue") + "parent = \"x\"\n";
        check(
            &[("feed.toml", &format!("{HEAD}{bad}"))],
            &["feed.toml:8 member[bank].colour", "feed.toml:9 member[bank].parent"],
        );
        let both =
            format!("{HEAD}[members]\ntable = \"street\"\ncode = \"code\"\ntitle = \"name\"\n{MEMBER}");
        check(&[("feed.toml", &both)], &["feed.toml:5 members"]);
        check(
            &[("feed.toml", &format!("{HEAD}[members]\ntable = \"street\"\nname = \"name\"\n"))],
            &["feed.toml:5 members.code", "feed.toml:5 members.title", "feed.toml:7 members.name"],
        );
    }

    #[test]
    fn the_column_of_districts_is_theirs() {
        check(&[("district.toml", HEAD)], &["district.toml:4 column"]);
        check(&[("feed.toml", &HEAD.replace("\"feed\"", "\"place_code\""))], &["feed.toml:4 column"]);
    }

    #[test]
    fn what_lies_within_what_is_followed() {
        let within = |parent: &str| HEAD.to_owned() + &format!("parent = \"{parent}\"\n");
        check(&[("a.toml", &within("b")), ("b.toml", HEAD)], &[]);
        check(
            &[("a.toml", &within("b")), ("b.toml", &within("a")), ("c.toml", &within("a"))],
            &["a.toml:5 parent", "b.toml:5 parent"],
        );
        let member = MEMBER.to_owned() + "parent = \"partner\"\n";
        let listed = |code: &str| HEAD.to_owned() + &MEMBER.replace("\"bank\"", &format!("\"{code}\""));
        let lower = within("kind") + &member;
        check(&[("feed.toml", &lower), ("kind.toml", &listed("partner"))], &[]);
        check(
            &[("feed.toml", &lower), ("kind.toml", &listed("portal"))],
            &["feed.toml:10 member[bank].parent"],
        );
        // A member that does not say what it lies within.
        check(&[("feed.toml", &(within("kind") + MEMBER))], &["feed.toml:6 member[bank].parent"]);
    }

    #[test]
    fn the_built_in_dimensions_load() {
        let definitions = DimensionDefinitions::builtin().unwrap_or_else(|errors| panic!("{errors:#?}"));
        let category = definitions.get("category").unwrap();
        assert_eq!((category.column.as_str(), category.all.as_str()), ("category", "全部类别"));
        assert!(!category.has_names() && definitions.get("street").unwrap().has_names());
        assert_eq!(definitions.get("street").unwrap().parent.as_deref(), Some("district"));
    }
}
