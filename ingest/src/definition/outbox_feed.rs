//! Reads the parts of a feed file that describe the outbox: what is different about the streams that follow from resources.

use pujiang_definition::{RESOURCES, Section};

use super::load::named;
use super::{OutboxFeed, StreamChange};

pub(super) fn read(root: &Section<'_>) -> OutboxFeed {
    let mut changes: Vec<StreamChange> = Vec::new();
    for section in &root.tables("stream") {
        let found = change(section, &changes);
        section.finish();
        changes.extend(found);
    }
    OutboxFeed { streams: Vec::new(), changes }
}

fn change(section: &Section<'_>, others: &[StreamChange]) -> Option<StreamChange> {
    let resource = named(section, "resource", &RESOURCES);
    let set = section.pairs("set").map(|pairs| pairs.value.into_iter().collect()).unwrap_or_default();
    let place = place(section);
    let resource = resource?;
    if others.iter().any(|other| other.resource == resource.value) {
        section.wrong_at(&resource, format!("资源“{}”已有 [[stream]]，请删去一个", resource.value));
    }
    Some(StreamChange { resource: resource.value, set, place, key: section.key("") })
}

/// `place = { column = "place_code", time = "pay_time" }`.
fn place(section: &Section<'_>) -> Option<(String, String)> {
    let table = section.table("place")?;
    let (column, time) = (table.required_text("column"), table.required_text("time"));
    table.finish();
    Some((column?.value, time?.value))
}
