//! Reads the parts of a feed file that describe the outbox: which resources go to which tables.

use super::file_feed::pair;
use super::{OutboxFeed, StateEvents, Stream};
use pujiang_warehouse::section::Section;

pub(super) fn parse(root: &Section<'_, '_>) -> Option<OutboxFeed> {
    let state_table = root.required_text("state_table");
    let mut streams: Vec<Stream> = Vec::new();
    for section in root.sections("stream") {
        let resource = section.required_text("resource");
        let table = section.required_text("table");
        let set = section.pairs("set").map(|p| p.value.into_iter().collect()).unwrap_or_default();
        let from = section.pairs("from").map(|p| p.value.into_iter().collect()).unwrap_or_default();
        let place = section.pairs("place").and_then(|given| {
            let found = pair(&given.value, ["column", "time"]);
            if found.is_none() {
                let message = "has exactly column and time: { column = \"place_code\", time = \"pay_time\" }";
                root.report().add(given.span, "place", message);
            }
            found.map(|[column, time]| (column, time))
        });
        let states =
            if section.boolean("state_events") { StateEvents::Recorded } else { StateEvents::Ignored };
        if let Some(resource) = resource.as_ref().filter(|r| streams.iter().any(|s| s.resource == r.value)) {
            root.report().add(
                resource.span.clone(),
                "resource",
                format!("{} has two streams; keep one", resource.value),
            );
        }
        section.finish();
        if let (Some(resource), Some(table)) = (resource, table) {
            let (resource, table) = (resource.value, table.value);
            streams.push(Stream { resource, table, set, from, place, states });
        }
    }
    if streams.is_empty() {
        root.report().add(root.span(), "stream", "is missing; name each resource in a [[stream]] table");
    }
    Some(OutboxFeed { streams, state_table: state_table?.value })
}
