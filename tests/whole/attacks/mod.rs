//! Attacks on the process, each by its number: what would end the server, starve it, or make it go on with the wrong
//! files. The real program runs as a child; afterwards it must still answer, and the refusal must be on record.

mod clients;
mod damage;
mod disk;
mod place;
mod texts;
