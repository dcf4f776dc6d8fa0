//! Pure checks of what a caller sends: JSON in, typed values or all errors at once. References, copies and uniqueness
//! need the database and are checked by `engine`.

mod formats;
mod input;
mod rules;
mod value;

pub use formats::{id_number_check_digit, is_id_number};
pub(crate) use input::{Draft, defaults, read_create, read_patch, require};
pub(crate) use rules::checks;
pub use value::Value;
pub(crate) use value::{parse, parse_moment, parse_text, read_stored};
