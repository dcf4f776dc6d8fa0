//! For security administrators: why somebody sees a row or not. Never the row itself.

mod get_why;
mod list_subjects;

pub use get_why::*;
pub use list_subjects::*;

use pujiang_security::Assignment;
use pujiang_security::district::name_of;

/// A grant in words.
pub(super) fn grant_words(assignment: &Assignment) -> String {
    match assignment {
        Assignment::City => "全市".to_owned(),
        Assignment::District(code) => name_of(*code).to_owned(),
        Assignment::Street(street) => street.full_name(),
        Assignment::Organization(id) => format!("单位 {id} 及下属单位"),
        Assignment::Person(id) => format!("本人（人员 {id}）"),
    }
}
