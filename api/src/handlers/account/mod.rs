//! For administrators: which accounts there are. Making and changing them is a matter of the command line.

mod list_accounts;

pub use list_accounts::*;
