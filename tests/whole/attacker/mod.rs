//! A second process as attacker: somebody with an account, a network connection and patience, in front of the real
//! server. What each channel shows is a table in `docs/SECURITY.md`; every line of it names a test of this folder.

mod audit;
mod blur;
mod cache;
mod door;
mod files;
mod log;
mod place;
mod probes;
mod scram;
mod sqlsmith;
mod table;
mod tee;
mod telling;
mod timing;
mod token;
mod view_as;
