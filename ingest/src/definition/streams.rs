//! The streams of the outbox: one for each table whose rows are a resource's records, with its names and its state events.
//! A feed file is needed only for what does not follow from resource and table.

use std::sync::Arc;

use indexmap::IndexMap;
use pujiang_definition::{DefinitionError, LakeForm, LakeForms};
use pujiang_warehouse::{Catalog, ColumnType, STATE_EVENT, TableDef};

use super::{FeedDef, FeedDefinitions, OutboxFeed, Source, StateEvents, Stream};
use crate::outbox::STATE_COLUMNS;
use crate::rows::LOADED_AT;

/// The feed that reads the outbox where no file defines one.
const OUTBOX: &str = "outbox";

impl FeedDefinitions {
    /// The same with the streams that follow from resources and tables, and everything that does not fit.
    #[must_use]
    pub fn streamed(mut self, forms: &LakeForms, catalog: &Catalog) -> (Self, Vec<DefinitionError>) {
        let mut errors: Vec<DefinitionError> =
            forms.all().flat_map(|form| check_form(form, catalog)).collect();
        let streams: Vec<Stream> = catalog.tables().filter_map(|table| stream(table, forms)).collect();
        if !streams.is_empty() && !self.feeds.values().any(|feed| is_outbox(feed)) {
            if let Some(taken) = self.feeds.get(OUTBOX) {
                let message = format!("“{OUTBOX}”是读取发件箱的接入，请把此文件改名");
                errors.push(taken.places.error("kind", message));
            }
            self.feeds.insert(OUTBOX.to_owned(), Arc::new(plain()));
        }
        let mut reader: Option<String> = None;
        for feed in self.feeds.values_mut() {
            let Source::Outbox(outbox) = &feed.source else { continue };
            if let Some(reader) = &reader {
                let message = format!("发件箱已由“{reader}”读取，请删去一个");
                errors.push(feed.places.error("kind", message));
                continue;
            }
            reader = Some(feed.id.clone());
            let streams = changed(feed, outbox, streams.clone(), forms, &mut errors);
            for stream in &streams {
                errors.extend(unfilled(stream, forms, catalog));
            }
            let source = Source::Outbox(OutboxFeed { streams, changes: outbox.changes.clone() });
            *feed = Arc::new(FeedDef { source, ..FeedDef::clone(feed) });
        }
        (self, errors)
    }
}

fn is_outbox(feed: &FeedDef) -> bool {
    matches!(feed.source, Source::Outbox(_))
}

/// The outbox with nothing different about it.
fn plain() -> FeedDef {
    FeedDef {
        id: OUTBOX.to_owned(),
        title: "业务库变更".to_owned(),
        description: "业务库的发件箱：门户里每一次新增、修改、删除，几秒内进入数据湖。".to_owned(),
        source: Source::Outbox(OutboxFeed::default()),
        places: Default::default(),
    }
}

/// The stream into a table.
fn stream(table: &TableDef, forms: &LakeForms) -> Option<Stream> {
    let origin = table.origin.as_ref()?;
    let form = forms.of(&origin.resource)?;
    Some(Stream {
        resource: origin.resource.clone(),
        table: table.id.clone(),
        set: IndexMap::new(),
        from: origin.fields.iter().map(|(column, field)| (column.clone(), field.clone())).collect(),
        place: None,
        states: match &form.stock {
            Some(by) => StateEvents::Recorded(by.clone()),
            None => StateEvents::Ignored,
        },
        key: String::new(),
    })
}

/// The streams with what the file says of them.
fn changed(
    feed: &FeedDef,
    outbox: &OutboxFeed,
    mut streams: Vec<Stream>,
    forms: &LakeForms,
    errors: &mut Vec<DefinitionError>,
) -> Vec<Stream> {
    for change in &outbox.changes {
        match streams.iter_mut().find(|stream| stream.resource == change.resource) {
            Some(stream) => {
                stream.set.clone_from(&change.set);
                stream.place.clone_from(&change.place);
                stream.key.clone_from(&change.key);
            }
            None if forms.withholds(&change.resource) => {
                let message = format!("资源“{}”写明 lake = \"none\"，不进入数据湖，请删去", change.resource);
                errors.push(feed.places.error(&format!("{}.resource", change.key), message));
            }
            // A resource that is not there, or not sound, has been named.
            None => {}
        }
    }
    streams
}

/// What a form asks of the lake that the lake does not give.
fn check_form(form: &LakeForm, catalog: &Catalog) -> Vec<DefinitionError> {
    let mut errors = Vec::new();
    if form.column(LOADED_AT).is_some() {
        let message = format!("“{LOADED_AT}”在数据湖里是入湖时间，请给字段改名");
        errors.push(form.error(&format!("field[{LOADED_AT}].name"), message));
    }
    let Some(by) = &form.stock else { return errors };
    let Some(states) = catalog.table(STATE_EVENT) else {
        errors.push(form.error("stock", format!("没有数据表“{STATE_EVENT}”，不能记录在册数")));
        return errors;
    };
    for (position, name) in by.iter().enumerate() {
        let key = format!("stock[{position}]");
        if STATE_COLUMNS.contains(&name.as_str()) {
            let message = format!("“{name}”在 {STATE_EVENT} 里另有含义，请换一个字段");
            errors.push(form.error(&key, message));
        } else if states.column(name).is_none_or(|column| column.kind != ColumnType::Text) {
            let message = format!("{STATE_EVENT} 的列“{name}”不是文字列，请换一个字段");
            errors.push(form.error(&key, message));
        }
    }
    errors
}

/// Columns that may not be empty and that nothing fills: every event would be quarantined.
fn unfilled(stream: &Stream, forms: &LakeForms, catalog: &Catalog) -> Vec<DefinitionError> {
    let (Some(form), Some(table)) = (forms.of(&stream.resource), catalog.table(&stream.table)) else {
        return Vec::new();
    };
    let filled = |column: &str| {
        let field = stream.from.get(column).map_or(column, String::as_str);
        form.column(field).is_some()
            || stream.set.contains_key(column)
            || column == LOADED_AT
            || stream.place.as_ref().is_some_and(|(place, _)| place == column)
    };
    let empty = table.columns.iter().filter(|column| !column.nullable && !filled(&column.name));
    let wrong = |column: &str| {
        let message = format!(
            "数据表“{}”的每一行都要有“{column}”，请在发件箱的 [[stream]] 中用 set 写明，或让该列 nullable = true",
            table.id
        );
        form.error("", message)
    };
    empty.map(|column| wrong(&column.name)).collect()
}

#[cfg(test)]
mod tests {
    use pujiang_definition::{FEEDS, Layers, RESOURCES, Sources, TABLES};
    use pujiang_transactional::Definitions;

    use super::*;

    const STATION: &str = "format = 1\ntitle = \"站\"\ndescription = \"一处\"\ngroup = \"组\"\ndisplay = \"name\"\nscope = \"none\"\n\
        initial_state = \"on\"\n[[state]]\ncode = \"on\"\nlabel = \"启用\"\n\
        [[field]]\nname = \"name\"\ntitle = \"名称\"\ntype = \"text\"\nvisibility = \"public\"\n";
    const STATES: &str = "format = 1\ntitle = \"t\"\ndescription = \"d\"\nkind = \"reference\"\nkey = \"event_key\"\n\
        [[column]]\nname = \"event_key\"\ntitle = \"号\"\ntype = \"text\"\nvisibility = \"internal\"\n\
        [[column]]\nname = \"delta\"\ntitle = \"增减\"\ntype = \"integer\"\nvisibility = \"internal\"\n";

    fn feeds(files: &[(&str, &str)]) -> FeedDefinitions {
        FeedDefinitions::read(&Sources::texts(&FEEDS, files.iter().copied())).finished().expect("feeds")
    }

    fn outbox(feeds: &FeedDefinitions) -> &OutboxFeed {
        match &feeds.feed(OUTBOX).expect("outbox").source {
            Source::Outbox(outbox) => outbox,
            Source::Files(_) => panic!("files"),
        }
    }

    /// Files and keys of what is wrong with one resource beside these tables and feeds.
    fn wrong(station: &str, tables: &[(&str, &str)], files: &[(&str, &str)]) -> Vec<String> {
        let sources = Sources::texts(&RESOURCES, [("station.toml", station)]);
        let forms = Definitions::read(&sources).finished().expect("resource").lake_forms();
        let tables = Catalog::read(&Sources::texts(&TABLES, tables.iter().copied()), &forms);
        let (_, errors) = feeds(files).streamed(&forms, &tables.finished().expect("tables"));
        errors.iter().map(|e| format!("{}:{} {}", e.file, e.line, e.key)).collect()
    }

    #[test]
    fn every_resource_has_its_stream() {
        let definitions = Definitions::builtin().expect("resources");
        let forms = definitions.lake_forms();
        let catalog = Catalog::builtin(&forms).expect("tables");
        let (feeds, errors) =
            FeedDefinitions::load(&Layers::builtin()).finished().expect("feeds").streamed(&forms, &catalog);
        assert_eq!(errors, []);
        let streams = &outbox(&feeds).streams;
        assert_eq!(streams.len(), definitions.iter().count());
        let of = |resource: &str| streams.iter().find(|s| s.resource == resource).expect("stream");
        assert_eq!(of("service_point").from["longitude"], "lon");
        assert_eq!(of("service_point").states, StateEvents::Recorded(Vec::new()));
        let by = ["category", "mode"].map(str::to_owned).to_vec();
        assert_eq!(of("benefit_service").states, StateEvents::Recorded(by));
        let transactions = of("benefit_transaction");
        assert_eq!((transactions.set["feed"].as_str(), transactions.place.is_some()), ("portal", true));
        assert_eq!(transactions.from["card_token"], "card_no_token");
        assert_eq!(transactions.states, StateEvents::Ignored);
        assert!(feeds.partners_share_table_of("benefit_transaction"));
        assert!(!feeds.partners_share_table_of("person"));
    }

    #[test]
    fn a_resource_needs_no_feed_file() {
        let sources = Sources::texts(&RESOURCES, [("station.toml", STATION)]);
        let forms = Definitions::read(&sources).finished().expect("resource").lake_forms();
        let catalog = Catalog::read(&Sources::default(), &forms).finished().expect("tables");
        let (feeds, errors) = FeedDefinitions::default().streamed(&forms, &catalog);
        assert_eq!(errors, []);
        let streams = &outbox(&feeds).streams;
        assert_eq!((streams.len(), streams[0].table.as_str()), (1, "station"));
        // Nothing to bring, nothing to read.
        let (feeds, _) = FeedDefinitions::default().streamed(&LakeForms::default(), &Catalog::default());
        assert_eq!(feeds.feeds().count(), 0);
    }

    #[test]
    fn what_does_not_fit_is_named_at_the_resource() {
        let states = [("a/state_event.toml", STATES)];
        let counted =
            |by: &str| STATION.replacen("initial_state", &format!("stock = [\"{by}\"]\ninitial_state"), 1);
        let station = "transactional/resources/station.toml";
        assert_eq!(wrong(&counted("name"), &states, &[]), Vec::<String>::new());
        assert_eq!(wrong(&counted("name"), &[], &[]), [format!("{station}:7 stock")]);
        let named = |name: &str| {
            counted(name)
                .replace("name = \"name\"", &format!("name = \"{name}\""))
                .replace("display = \"name\"", &format!("display = \"{name}\""))
        };
        assert_eq!(wrong(&named("source"), &states, &[]), [format!("{station}:7 stock[0]")]);
        assert_eq!(wrong(&named("delta"), &states, &[]), [format!("{station}:7 stock[0]")]);
        let loaded = STATION.replace("\"name\"", "\"loaded_at\"");
        assert_eq!(wrong(&loaded, &[], &[]), [format!("{station}:12 field[loaded_at].name")]);
        let table = "format = 1\nresource = \"station\"\n[[column]]\nname = \"feed\"\ntitle = \"t\"\ntype = \"text\"\nvisibility = \"public\"\n";
        assert_eq!(wrong(STATION, &[("a/station.toml", table)], &[]), [format!("{station}:1 ")]);
    }

    #[test]
    fn one_feed_reads_the_outbox_and_none_what_is_withheld() {
        let feed = "format = 1\ntitle = \"t\"\ndescription = \"d\"\nkind = \"outbox\"\n";
        let stream = format!("{feed}[[stream]]\nresource = \"station\"\n");
        assert_eq!(wrong(STATION, &[], &[("a.toml", &stream)]), Vec::<String>::new());
        assert_eq!(
            wrong(STATION, &[], &[("a.toml", feed), ("b.toml", feed)]),
            ["ingest/feeds/b.toml:4 kind"]
        );
        let withheld = STATION.replacen("initial_state", "lake = \"none\"\ninitial_state", 1);
        assert_eq!(
            wrong(&withheld, &[], &[("a.toml", &stream)]),
            ["ingest/feeds/a.toml:6 stream[1].resource"]
        );
    }
}
