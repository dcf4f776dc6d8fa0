//! What one connection knows of itself: who it is, its settings, cursors and what it has prepared.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::command::Hold;
use super::cursor::Cursor;
use super::failure::Failure;
use super::registry::Entry;
use super::settings::Settings;
use crate::sql::Interrupt;

/// Prepared statements one connection may keep.
const STATEMENTS: usize = 1_000;

/// Bytes of their texts together; what is kept of a statement is many times its text.
const STATEMENT_BYTES: usize = 512 * 1024;

/// Open portals and cursors one connection may keep; each holds engine memory.
const OPEN: usize = 32;

/// One connection.
#[derive(Default)]
pub struct Link {
    /// Stops what it works on.
    pub interrupt: Interrupt,
    origin: String,
    login: OnceLock<LoggedIn>,
    settings: Mutex<Settings>,
    cursors: Mutex<BTreeMap<String, Cursor>>,
    /// Prepared statements and the lengths of their texts.
    statements: Mutex<BTreeMap<String, usize>>,
    portals: Mutex<BTreeSet<String>>,
    /// One more owner for each answer that has not come to its end.
    answers: Arc<()>,
}

/// Who it is.
struct LoggedIn {
    account_id: String,
    account: String,
    /// Keeps the connection known to cancel requests.
    _known: Entry,
}

impl Link {
    /// A connection from this address.
    pub fn from(origin: String) -> Self {
        Self { origin, ..Self::default() }
    }

    /// Address it comes from.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Somebody has logged in.
    pub fn logged_in(&self, account_id: &str, account: &str, known: Entry) {
        let login =
            LoggedIn { account_id: account_id.to_owned(), account: account.to_owned(), _known: known };
        // A connection logs in once: the protocol has no second login.
        let _ = self.login.set(login);
    }

    /// Id of the account.
    pub fn account_id(&self) -> Option<&str> {
        self.login.get().map(|login| login.account_id.as_str())
    }

    /// Login name of the account, for the log.
    pub fn account(&self) -> &str {
        self.login.get().map_or("-", |login| &login.account)
    }

    /// The settings.
    pub fn settings(&self) -> MutexGuard<'_, Settings> {
        locked(&self.settings)
    }

    /// A cursor by its name.
    pub fn cursor(&self, name: &str) -> Result<Cursor, Failure> {
        let cursor = locked(&self.cursors).get(name).cloned();
        cursor.ok_or_else(|| Failure::error("34000", format!("没有游标“{name}”。")))
    }

    /// Whether there is a cursor of this name.
    pub fn has_cursor(&self, name: &str) -> bool {
        locked(&self.cursors).contains_key(name)
    }

    /// Opens a cursor.
    pub fn open_cursor(&self, name: String, cursor: Cursor) -> Result<(), Failure> {
        let mut cursors = locked(&self.cursors);
        if cursors.contains_key(&name) {
            return Err(Failure::error("42P03", format!("游标“{name}”已经打开。")));
        }
        if cursors.len() >= OPEN {
            return Err(too_many_open());
        }
        cursors.insert(name, cursor);
        Ok(())
    }

    /// Closes a cursor, or all.
    pub fn close_cursor(&self, name: Option<&str>) -> Result<(), Failure> {
        match name {
            None => locked(&self.cursors).clear(),
            Some(name) => {
                let closed = locked(&self.cursors).remove(name);
                closed.ok_or_else(|| Failure::error("34000", format!("没有游标“{name}”。")))?;
            }
        }
        Ok(())
    }

    /// Closes what lives only as long as its transaction. Settings that go back, which the client is to be told.
    pub fn end_transaction(&self) -> Vec<(String, String)> {
        locked(&self.cursors).retain(|_, cursor| cursor.hold() == Hold::Session);
        self.settings().end_transaction()
    }

    /// Counts an answer as open until what this returns is dropped.
    pub fn open_answer(&self) -> Arc<()> {
        self.answers.clone()
    }

    /// Whether answers are open: portals and cursors that are not read to the end.
    pub fn has_open_answers(&self) -> bool {
        Arc::strong_count(&self.answers) > 1
    }

    /// Notes a prepared statement.
    pub fn note_statement(&self, name: &str, length: usize) -> Result<(), Failure> {
        let mut statements = locked(&self.statements);
        let others = statements.iter().filter(|(own, _)| *own != name).map(|(_, length)| *length);
        let (number, bytes) = others.fold((0, length), |(number, sum), length| (number + 1, sum + length));
        if number >= STATEMENTS || bytes > STATEMENT_BYTES {
            return Err(Failure::error("54000", "预备语句太多，请先释放不用的。"));
        }
        statements.insert(name.to_owned(), length);
        Ok(())
    }

    /// Forgets a prepared statement.
    pub fn forget_statement(&self, name: &str) {
        locked(&self.statements).remove(name);
    }

    /// Forgets all prepared statements; their names.
    pub fn forget_statements(&self) -> BTreeSet<String> {
        std::mem::take(&mut *locked(&self.statements)).into_keys().collect()
    }

    /// Notes an open portal.
    pub fn note_portal(&self, name: &str) -> Result<(), Failure> {
        let mut portals = locked(&self.portals);
        if portals.len() >= OPEN && !portals.contains(name) {
            return Err(too_many_open());
        }
        portals.insert(name.to_owned());
        Ok(())
    }

    /// Forgets a portal.
    pub fn forget_portal(&self, name: &str) {
        locked(&self.portals).remove(name);
    }

    /// Forgets all portals.
    pub fn forget_portals(&self) {
        locked(&self.portals).clear();
    }
}

/// A connection that nobody else is to see any more.
pub type SharedLink = Arc<Link>;

fn too_many_open() -> Failure {
    Failure::error("54000", "同时打开的结果太多，请先关闭不用的游标。")
}

/// A panic elsewhere leaves names and settings usable.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prepared_statements_are_bounded_in_number_and_bytes() {
        let link = Link::default();
        for number in 0..STATEMENTS {
            link.note_statement(&number.to_string(), 10).expect("room");
        }
        assert!(link.note_statement("more", 10).is_err());
        assert!(link.note_statement("7", 10).is_ok(), "in the place of one that is there");
        link.forget_statements();
        for number in 0..8 {
            link.note_statement(&number.to_string(), STATEMENT_BYTES / 8).expect("room");
        }
        assert!(link.note_statement("more", 1).is_err());
        link.forget_statement("0");
        assert!(link.note_statement("more", 1).is_ok());
    }
}
