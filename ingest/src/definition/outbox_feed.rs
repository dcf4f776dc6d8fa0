//! Reads the parts of a feed file that describe the outbox: which resources go to which tables.

use indexmap::IndexMap;
use pujiang_definition::{RESOURCES, Section, TABLES};

use super::load::named;
use super::{OutboxFeed, StateEvents, Stream};

pub(super) fn read(root: &Section<'_>) -> Option<OutboxFeed> {
    let state_table = named(root, "state_table", &TABLES);
    let sections = root.tables("stream");
    if sections.is_empty() {
        root.wrong("stream", "请用 [[stream]] 逐一写出进入数据湖的资源");
    }
    let mut streams: Vec<Stream> = Vec::new();
    for section in &sections {
        let found = stream(section, &streams);
        section.finish();
        streams.extend(found);
    }
    Some(OutboxFeed { streams, state_table: state_table?.value })
}

fn stream(section: &Section<'_>, others: &[Stream]) -> Option<Stream> {
    let resource = named(section, "resource", &RESOURCES);
    let table = named(section, "table", &TABLES);
    let (set, from) = (pairs(section, "set"), pairs(section, "from"));
    let place = place(section);
    let states = if section.flag("state_events") { StateEvents::Recorded } else { StateEvents::Ignored };
    let resource = resource?;
    if others.iter().any(|other| other.resource == resource.value) {
        section.wrong_at(&resource, format!("资源“{}”已有 [[stream]]，请删去一个", resource.value));
    }
    let key = section.key("");
    Some(Stream { resource: resource.value, table: table?.value, set, from, place, states, key })
}

fn pairs(section: &Section<'_>, key: &'static str) -> IndexMap<String, String> {
    section.pairs(key).map(|pairs| pairs.value.into_iter().collect()).unwrap_or_default()
}

/// `place = { column = "place_code", time = "pay_time" }`.
fn place(section: &Section<'_>) -> Option<(String, String)> {
    let table = section.table("place")?;
    let (column, time) = (table.required_text("column"), table.required_text("time"));
    table.finish();
    Some((column?.value, time?.value))
}
