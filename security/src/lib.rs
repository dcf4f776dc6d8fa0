//! Who may see what: districts, streets, roles, scopes, treatments of columns, principals, and the 国密 tools around
//! them (field encryption, pseudonyms, masks, passwords, session tokens, audit chain).
//!
//! Pure rules and cryptography: no SQL, no HTTP. Stored accounts and sessions live in `transactional::accounts`,
//! the row filter itself in `warehouse::access` and in the resource engine.

pub mod assignment;
pub mod audit;
pub mod crypto;
pub mod district;
pub mod identifier;
pub mod mask;
pub mod password;
pub mod permission;
pub mod principal;
pub mod role;
pub mod scope;
pub mod street;
pub mod token;
pub mod treatment;

pub use assignment::{Assignment, AssignmentKind, RecordId, UnknownAssignment};
pub use crypto::{CryptoError, FieldCipher, FileKeyStore, KeyName, KeyPurpose, KeyStore, Pseudonymizer};
pub use district::{DistrictCode, UnknownDistrict};
pub use mask::{MaskKind, mask};
pub use password::ScramVerifier;
pub use permission::Permission;
pub use principal::{Identity, Principal, PrincipalIssuer};
pub use role::{GrantProblem, Role, RoleId, Roles};
pub use scope::{DataScope, ScopeLevel};
pub use street::StreetCode;
pub use treatment::{ColumnPolicy, MaskForm, Treatment};
