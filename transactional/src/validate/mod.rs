//! Pure checks of what a caller sends: JSON in, typed values or all errors at once. References, copies and uniqueness
//! need the database and are checked by `engine`.

mod formats;
mod input;
mod number;
mod place;
mod rules;
mod value;

pub(crate) use formats::normalized;
pub use formats::{id_number_check_digit, is_id_number};
pub(crate) use input::{Draft, attempted, defaults, read_create, read_patch, require};
pub(crate) use place::{forget_other_streets, streets_inside};
pub(crate) use rules::{checks, compute};
pub use value::Value;
pub(crate) use value::{parse, parse_moment, parse_text, read_stored};
