//! What every end-to-end test starts from: the repository's files and the real `pujiang` binary.
//! The tests themselves are in `whole/`.

pub mod binary;
pub mod repository;
