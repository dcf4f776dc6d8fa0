//! PostgreSQL's functions the engine does not have, or has with other answers: formats of times and numbers, `extract`,
//! spans, JSON, percentiles, spelled dates. What a statement must be written as to come here is said in `forms`.

mod arithmetic;
mod bucket;
mod date_series;
mod extract;
mod format;
mod integers;
mod json;
mod made_times;
mod matched;
mod math;
mod moment;
mod number_template;
mod number_text;
mod one_row;
mod ordered;
mod plain;
mod quoting;
mod read_fields;
mod removed;
mod replacement;
mod second_digits;
mod size;
mod span_order;
mod span_read;
mod spans;
mod spelled;
mod spelled_clock;
mod spelled_time;
mod split_by;
mod template;
mod text_of;
mod time_read;
mod time_text;
mod to_char;
mod to_time;
mod type_name;
mod written;
mod zones;

use datafusion::prelude::SessionContext;

pub(super) use arithmetic::TimeArithmetic;
pub(super) use date_series::TimeSeries;
pub use json::is_json;
pub(super) use span_order::SpanOrder;
pub(super) use spelled_time::SpelledTimes;
pub use spelled_time::time_of_text;
pub(super) use text_of::TextsOfValues;
pub use text_of::texts_of;
pub use written::span_text;
pub(super) use zones::in_zone;

/// Puts the functions into the context all sessions are copied from.
pub(super) fn install(context: &SessionContext) {
    // An aggregate of the engine that takes its arguments in another way.
    context.deregister_udaf("percentile_cont");
    let plain = [
        to_char::function(),
        to_time::to_date(),
        format::function(),
        spans::age_function(),
        one_row::function(),
        size::function(),
        type_name::function(),
        zones::to_unixtime(),
        split_by::function(),
        bucket::function(),
        replacement::function(),
        removed::function(),
        second_digits::function(),
    ];
    let plain = plain
        .into_iter()
        .chain(extract::functions())
        .chain(math::functions())
        .chain(integers::functions())
        .chain(json::functions())
        .chain(ordered::functions())
        .chain(quoting::functions())
        .chain(made_times::functions())
        .chain(matched::functions());
    for function in plain {
        context.register_udf(function.udf());
    }
    for function in to_time::ToTimestamp::all() {
        context.register_udf(function);
    }
    context.register_udf(zones::AtTimeZone::default().into());
}
