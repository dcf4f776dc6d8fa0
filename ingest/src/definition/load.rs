//! Loads all feeds with every mistake of every file.

use std::sync::Arc;

use pujiang_definition::{At, FEEDS, Layers, Loaded, Room, Section, SourceFile, Sources, read_all};
use rust_embed::RustEmbed;

use super::{DefinitionError, FeedDef, FeedDefinitions, Source, file_feed, outbox_feed};

const FORMAT: i64 = 1;

const KINDS: &[(&str, Kind)] = &[("files", Kind::Files), ("outbox", Kind::Outbox)];
/// What the file says besides hangs on the kind.
const KEYS_OF_KINDS: [&str; 5] = ["files", "target", "column", "rule", "stream"];

#[derive(Clone, Copy)]
enum Kind {
    Files,
    Outbox,
}

#[derive(RustEmbed)]
#[folder = "feeds/"]
struct Builtin;

impl FeedDefinitions {
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
        Self::read(&layers.sources::<Builtin>(&FEEDS))
    }

    /// The definitions of files. The tables and resources they name are followed by whoever knows those.
    #[must_use]
    pub fn read(sources: &Sources) -> Loaded<Self> {
        read_all(sources, definition).map(|found, _| {
            let feeds = found.into_iter().map(|(feed, places)| {
                let feed = FeedDef { places, ..feed };
                (feed.id.clone(), Arc::new(feed))
            });
            Self { feeds: feeds.collect() }
        })
    }
}

/// Reads one file. The places of its keys are not known before its end, and come to the definition then.
fn definition(file: &SourceFile, root: &Section<'_>) -> Option<FeedDef> {
    root.format(FORMAT);
    let title = root.required_text("title");
    let description = root.required_text("description");
    let source = match root.required_word("kind", KINDS) {
        Some(Kind::Files) => file_feed::read(&file.id, root).map(|feed| Source::Files(Box::new(feed))),
        Some(Kind::Outbox) => Some(Source::Outbox(outbox_feed::read(root))),
        None => {
            root.leave(&KEYS_OF_KINDS);
            None
        }
    };
    Some(FeedDef {
        id: file.id.clone(),
        title: title?.value,
        description: description?.value,
        source: source?,
        places: Default::default(),
    })
}

/// A text that must be there and names a definition of a room.
pub(super) fn named(section: &Section<'_>, key: &'static str, room: &Room) -> Option<At<String>> {
    let name = section.required_text(key)?;
    section.refers(&name, room);
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builtin_feeds_load() {
        let feeds = FeedDefinitions::builtin().unwrap_or_else(|errors| panic!("{errors:#?}"));
        let ids: Vec<&str> = feeds.feeds().map(|f| f.id.as_str()).collect();
        assert_eq!(ids, ["bank", "clearing", "hospital", "museum", "outbox", "tourism", "transit"]);
    }

    fn reading(text: &str) -> Loaded<FeedDefinitions> {
        FeedDefinitions::read(&Sources::texts(&FEEDS, [("thing.toml", text)]))
    }

    fn check(text: &str, expected: &[(usize, &str)]) {
        let errors = reading(text).finished().err().unwrap_or_default();
        let got: Vec<(usize, &str)> = errors.iter().map(|e| (e.line, e.key.as_str())).collect();
        assert_eq!(got, expected, "{errors:#?}");
    }

    const GOOD: &str = "format = 1\ntitle = \"t\"\ndescription = \"d\"\nkind = \"files\"\n[files]\ntype = \"csv\"\n\
        [target]\ntable = \"x\"\nkey = \"id\"\ntime_zone = \"UTC\"\n\
        [[column]]\nname = \"id\"\ntitle = \"号\"\ntype = \"identifier\"\nrequired = true\n";

    #[test]
    fn every_error_of_the_head_is_named_with_line_and_key() {
        check(GOOD, &[]);
        check(
            "format = 2\nkind = \"file\"\n",
            &[(1, "description"), (1, "title"), (1, "format"), (2, "kind")],
        );
        check("format = 1\ntitle = \n", &[(2, "")]);
        check(
            &GOOD.replace("\"csv\"", "\"cvs\"\nheader_dept = 3"),
            &[(6, "files.type"), (7, "files.header_dept")],
        );
        check(
            &GOOD.replace("\"csv\"", "\"csv\"\nencoding = \"gbk\"\ndelimiter = \" \"\nheader_depth = 0"),
            &[(7, "files.encoding"), (8, "files.delimiter"), (9, "files.header_depth")],
        );
        check(&GOOD.replace("\"csv\"", "\"csv\"\nencoding = \"gb18030\"\ndelimiter = \"\\t\""), &[]);
        check(
            &GOOD.replace("\"UTC\"", "8").replace("\"identifier\"", "\"money\""),
            &[(10, "target.time_zone"), (14, "column[id].type")],
        );
        check(&GOOD.replace("key = \"id\"", "key = \"no\""), &[(9, "target.key")]);
        check(
            &GOOD.replace("\"UTC\"\n", "\"UTC\"\nset = { id = \"1\", feed = \"other\" }\n"),
            &[(11, "target.set"), (11, "target.set")],
        );
    }

    #[test]
    fn every_error_of_the_columns_is_named_with_line_and_key() {
        check(
            &GOOD.replace("required = true", "required = \"yes\"\nalias = []"),
            &[(9, "target.key"), (15, "column[id].required"), (16, "column[id].alias")],
        );
        let again = |name: &str| {
            format!(
                "{GOOD}[[column]]\nname = \"{name}\"\ntitle = \"另\"\ntype = \"text\"\naliases = [\"号\"]\n"
            )
        };
        check(&again("id"), &[(17, "column[id].name")]);
        check(&again("other"), &[(20, "column[other].aliases[0]")]);
        let with = |rest: &str| format!("{GOOD}[[column]]\nname = \"c\"\ntitle = \"另\"\n{rest}");
        check(&with("type = \"code\"\ncodes = { \"文旅\" = [\"旅游\"] }\ndefault = \"旅游\"\n"), &[]);
        check(&with("type = \"code\"\n"), &[(16, "column[c].codes")]);
        check(
            &with("type = \"code\"\ncodes = { \"文旅\" = [\"游\"], \"交通\" = [\"游\"] }\ndefault = \"x\"\n"),
            &[(20, "column[c].codes"), (21, "column[c].default")],
        );
        check(&with("type = \"text\"\nletters = \"kept\"\n"), &[(20, "column[c].letters")]);
        check(
            &with("type = \"identifier\"\nprotect = { domain = \"card_no\", tokn = \"t\" }\n"),
            &[(20, "column[c].protect.token"), (20, "column[c].protect.tokn")],
        );
    }

    #[test]
    fn every_error_of_rules_and_places_is_named_with_line_and_key() {
        check(
            &format!("{GOOD}[[rule]]\nkind = \"non_negative\"\ncolumns = [\"id\"]\n"),
            &[(18, "rule[1].columns[0]")],
        );
        check(
            &format!("{GOOD}[[rule]]\nkind = \"difference\"\n"),
            &[(16, "rule[1].equals"), (16, "rule[1].minus"), (16, "rule[1].whole")],
        );
        let time = "[[column]]\nname = \"at\"\ntitle = \"时间\"\ntype = \"time\"\n";
        let district = "[[column]]\nname = \"d\"\ntitle = \"区\"\ntype = \"district\"\n";
        let place = |column: &str| {
            GOOD.replace(
                "\"UTC\"\n",
                &format!("\"UTC\"\nplace = {{ column = \"place_code\", time = \"{column}\" }}\n"),
            )
        };
        check(&format!("{}{time}{district}", place("at")), &[]);
        check(&format!("{}{time}", place("at")), &[(11, "target.place")]);
        check(&format!("{}{time}{district}", place("id")), &[(11, "target.place.time")]);
    }

    #[test]
    fn tables_and_resources_are_named_for_whoever_knows_them() {
        let named = |text: &str| -> Vec<String> {
            let references = reading(text).references;
            references
                .iter()
                .map(|r| format!("{} {} {} {}", r.room.folder, r.id, r.place.line, r.place.key))
                .collect()
        };
        // Also where something else is wrong.
        assert_eq!(named(&GOOD.replace("\"csv\"", "\"cvs\"")), ["warehouse/tables x 8 target.table"]);
        let outbox = "format = 1\ntitle = \"t\"\ndescription = \"d\"\nkind = \"outbox\"\n\
                      [[stream]]\nresource = \"r\"\n";
        check(outbox, &[]);
        assert_eq!(named(outbox), ["transactional/resources r 6 stream[1].resource"]);
        let twice =
            format!("{outbox}place = {{ column = \"p\" }}\n[[stream]]\nresource = \"r\"\ntable = \"t\"\n");
        check(&twice, &[(7, "stream[1].place.time"), (9, "stream[2].resource"), (10, "stream[2].table")]);
    }
}
