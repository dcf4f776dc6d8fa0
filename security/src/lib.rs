//! Who may see what: districts, roles, scopes, principals, and the 国密 tools around them (field encryption,
//! pseudonyms, masks, passwords, session tokens, audit chain).
//!
//! Pure rules and cryptography: no SQL, no HTTP. Stored accounts and sessions live in `transactional::accounts`,
//! the row filter itself in `warehouse::access` and in the resource engine.

pub mod audit;
pub mod crypto;
pub mod district;
pub mod mask;
pub mod password;
pub mod principal;
pub mod role;
pub mod scope;
pub mod token;

pub use crypto::{CryptoError, FieldCipher, FileKeyStore, KeyStore};
pub use district::{DistrictCode, UnknownDistrict};
pub use mask::{MaskKind, mask};
pub use principal::{Identity, Principal, PrincipalIssuer};
pub use role::{Permission, Role};
pub use scope::{Assignment, DataScope, ScopeLevel};
