//! For administrators: which accounts and roles there are. Making and changing accounts is a matter of the command line, roles
//! are definitions.

mod list_accounts;
mod list_roles;

pub use list_accounts::*;
pub use list_roles::*;
