//! Arrays as PostgreSQL has them: literals such as `{a,"b,c",NULL}`, and comparisons with ANY and ALL of their elements,
//! in which NULL is unknown.

mod from_text;
mod literal;
mod placeholders;
mod quantified;
mod spelling;

pub(super) use from_text::ArraysFromText;
pub use literal::{BadArray, array_elements};
pub(super) use placeholders::tell_types;
pub(super) use quantified::{is_quantified, quantified_functions};
pub(super) use spelling::call_quantifiers;
