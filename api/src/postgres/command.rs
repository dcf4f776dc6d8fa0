//! Session commands: what a client says to the connection, not to the data. Everything else is a query.
//! Statements that would write are named here too, so that people read a sentence instead of a parser's complaint.

use super::failure::Failure;
use super::words::Words;

const READ_ONLY: &str = "浦江只提供只读查询，不能修改数据或结构。";
const NO_COPY: &str = "不支持 COPY；请用 SELECT 查询，或在网页“SQL 查询”里导出。";
const NOT_HERE: &str = "不支持这条会话命令。";

/// A command to the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Opens a transaction. All reads are of one moment each; it changes only what is told.
    Begin,
    /// Ends a transaction.
    Commit,
    /// Ends a transaction.
    Rollback,
    /// Goes back to a savepoint: a failed transaction may go on.
    RollbackTo,
    /// Something without effect here, answered with its tag.
    Nothing(&'static str),
    /// Sets a setting; without a value, back to the beginning.
    Set { name: String, value: Option<String> },
    /// Sets a setting until the transaction ends.
    SetLocal { name: String, value: String },
    /// All settings back to the beginning.
    ResetAll,
    /// Shows a setting.
    Show(String),
    /// Shows all settings.
    ShowAll,
    /// Forgets settings, prepared statements and cursors.
    DiscardAll,
    /// Forgets a prepared statement, or all.
    Deallocate(Option<String>),
    /// Closes a cursor, or all.
    Close(Option<String>),
    /// Opens a cursor over a query.
    Declare { name: String, hold: Hold, query: String },
    /// Rows of a cursor; none for all that are left.
    Fetch { name: String, rows: Option<usize> },
    /// Skips rows of a cursor.
    Move { name: String, rows: Option<usize> },
}

/// How long a cursor lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Until its transaction ends.
    Transaction,
    /// Until it is closed.
    Session,
}

impl Command {
    /// The command of one statement; none when it is a query.
    pub fn parse(text: &str) -> Result<Option<Self>, Failure> {
        let Some(words) = Words::of(text) else { return Ok(None) };
        let command = match words.word(0) {
            "begin" => Self::Begin,
            "start" => Self::Begin,
            "commit" | "end" => Self::Commit,
            "abort" => Self::Rollback,
            "rollback" if words.has("to") => Self::RollbackTo,
            "rollback" => Self::Rollback,
            "savepoint" => Self::Nothing("SAVEPOINT"),
            "release" => Self::Nothing("RELEASE"),
            "set" => return set(&words).map(Some),
            "reset" if words.word(1) == "all" => Self::ResetAll,
            "reset" => Self::Set { name: setting(&words, 1)?.0, value: None },
            "show" => return Ok(show(&words)),
            "discard" if words.word(1) == "all" => Self::DiscardAll,
            "discard" => Self::Nothing("DISCARD"),
            "deallocate" => {
                let at = if words.word(1) == "prepare" { 2 } else { 1 };
                Self::Deallocate(words.name_or_all(at)?)
            }
            "close" => Self::Close(words.name_or_all(1)?),
            "unlisten" => Self::Nothing("UNLISTEN"),
            "declare" => return declare(&words, text).map(Some),
            "fetch" => return cursor(&words).map(|(name, rows)| Some(Self::Fetch { name, rows })),
            "move" => return cursor(&words).map(|(name, rows)| Some(Self::Move { name, rows })),
            "select" if words.joined() == "select pg_advisory_unlock_all ( )" => Self::Nothing("SELECT 0"),
            "copy" => return Err(Failure::error("0A000", NO_COPY)),
            "listen" | "notify" | "prepare" | "execute" | "load" | "checkpoint" | "lock" | "do" | "call" => {
                return Err(Failure::error("0A000", NOT_HERE));
            }
            "insert" | "update" | "delete" | "merge" | "truncate" | "create" | "alter" | "drop" | "grant"
            | "revoke" | "comment" | "vacuum" | "analyze" | "reindex" | "cluster" | "refresh" | "import"
            | "reassign" | "security" | "upsert" | "replace" => {
                return Err(Failure::error("25006", READ_ONLY));
            }
            _ => return Ok(None),
        };
        Ok(Some(command))
    }

    /// Whether an aborted transaction still listens to it.
    pub fn ends_transaction(&self) -> bool {
        matches!(self, Self::Commit | Self::Rollback | Self::RollbackTo)
    }
}

fn set(words: &Words) -> Result<Command, Failure> {
    let at = if matches!(words.word(1), "session" | "local") { 2 } else { 1 };
    match words.word(at) {
        "characteristics" | "transaction" => return Ok(Command::Nothing("SET")),
        "authorization" | "role" => {
            return Err(Failure::error("42501", "不能换成别的账号，请用那个账号重新登录。"));
        }
        "constraints" => return Ok(Command::Nothing("SET CONSTRAINTS")),
        "names" => {
            let value = words.value(at + 1);
            return Ok(Command::Set { name: "client_encoding".to_owned(), value });
        }
        _ => {}
    }
    let (name, next) = setting(words, at)?;
    let next = if matches!(words.word(next), "to" | "=") { next + 1 } else { next };
    let value = match words.value(next) {
        Some(local) if name == "TimeZone" && local.eq_ignore_ascii_case("local") => None,
        value => value,
    };
    Ok(match (words.word(1), value) {
        ("local", Some(value)) => Command::SetLocal { name, value },
        (_, value) => Command::Set { name, value },
    })
}

fn show(words: &Words) -> Option<Command> {
    match words.word(1) {
        "all" => Some(Command::ShowAll),
        // Lists of the catalog are queries.
        "tables" | "columns" | "functions" | "databases" | "schemas" => None,
        "session" if words.word(2) == "authorization" => {
            Some(Command::Show("session_authorization".to_owned()))
        }
        "transaction" if words.word(2) == "isolation" => {
            Some(Command::Show("transaction_isolation".to_owned()))
        }
        _ => setting(words, 1).ok().map(|(name, _)| Command::Show(name)),
    }
}

/// A setting's name, which may have dots, and where the text goes on.
fn setting(words: &Words, at: usize) -> Result<(String, usize), Failure> {
    if words.word(at) == "time" && words.word(at + 1) == "zone" {
        return Ok(("TimeZone".to_owned(), at + 2));
    }
    let mut name = words.name(at).ok_or_else(syntax)?;
    let mut next = at + 1;
    while words.word(next) == "." {
        name = format!("{name}.{}", words.name(next + 1).ok_or_else(syntax)?);
        next += 2;
    }
    Ok((name, next))
}

/// `DECLARE name [BINARY] [ASENSITIVE | INSENSITIVE] [[NO] SCROLL] CURSOR [WITH | WITHOUT HOLD] FOR query`. The query is cut
/// out by its place in the text: nothing is parsed here, only the fence of the lake decides what may be.
fn declare(words: &Words, text: &str) -> Result<Command, Failure> {
    let name = words.name(1).ok_or_else(syntax)?;
    let mut at = 2;
    while words.word(at) != "cursor" {
        match words.word(at) {
            "asensitive" | "insensitive" => at += 1,
            "no" if words.word(at + 1) == "scroll" => at += 2,
            "scroll" => return Err(Failure::error("0A000", "游标只能向前读，请去掉 SCROLL。")),
            "binary" => return Err(Failure::error("0A000", "不支持 BINARY 游标，请去掉 BINARY。")),
            _ => return Err(syntax()),
        }
    }
    at += 1;
    let hold = match (words.word(at), words.word(at + 1)) {
        ("with", "hold") => Hold::Session,
        ("without", "hold") => Hold::Transaction,
        _ => {
            at -= 2;
            Hold::Transaction
        }
    };
    at += 2;
    if words.word(at) != "for" {
        return Err(syntax());
    }
    let query = words.text_from(at + 1, text).ok_or_else(syntax)?;
    Ok(Command::Declare { name, hold, query: query.to_owned() })
}

/// `FETCH [FORWARD] [n | ALL | NEXT] [FROM | IN] name`
fn cursor(words: &Words) -> Result<(String, Option<usize>), Failure> {
    let backwards = || Failure::error("55000", "游标只能向前读。");
    let mut at = 1;
    let mut rows = Some(1);
    if matches!(words.word(at), "forward" | "relative") {
        at += 1;
    }
    match words.word(at) {
        "all" => (rows, at) = (None, at + 1),
        "next" => at += 1,
        "prior" | "first" | "last" | "absolute" | "backward" | "-" => return Err(backwards()),
        number => {
            if let Ok(number) = number.parse() {
                (rows, at) = (Some(number), at + 1);
            }
        }
    }
    if matches!(words.word(at), "from" | "in") {
        at += 1;
    }
    Ok((words.name(at).ok_or_else(syntax)?, rows))
}

/// The words do not make a command.
pub(super) fn syntax() -> Failure {
    Failure::error("42601", "命令的写法不对。")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        Command::parse(text).expect_err("refused").into_info().code
    }

    #[test]
    fn commands_of_real_clients() {
        let set =
            |name: &str, value: &str| Command::Set { name: name.to_owned(), value: Some(value.to_owned()) };
        let cases = [
            ("BEGIN READ WRITE", Command::Begin),
            ("start transaction isolation level repeatable read", Command::Begin),
            ("END", Command::Commit),
            ("ROLLBACK AND NO CHAIN", Command::Rollback),
            ("rollback to savepoint s", Command::RollbackTo),
            ("SAVEPOINT pg_psql_temporary_savepoint", Command::Nothing("SAVEPOINT")),
            ("SET extra_float_digits = 3", set("extra_float_digits", "3")),
            ("SET SESSION datestyle TO iso, mdy", set("datestyle", "iso, mdy")),
            (
                "SET application_name = 'PostgreSQL JDBC Driver'",
                set("application_name", "PostgreSQL JDBC Driver"),
            ),
            ("SET TIME ZONE 'Asia/Shanghai'", set("TimeZone", "Asia/Shanghai")),
            ("set timezone='UTC'", set("timezone", "UTC")),
            ("SET NAMES 'utf8'", set("client_encoding", "utf8")),
            ("set a.b to 1", set("a.b", "1")),
            ("set time zone local", Command::Set { name: "TimeZone".to_owned(), value: None }),
            (
                "SET LOCAL TimeZone TO 'UTC'",
                Command::SetLocal { name: "timezone".to_owned(), value: "UTC".to_owned() },
            ),
            ("SET statement_timeout TO -1", set("statement_timeout", "-1")),
            ("SET search_path TO DEFAULT", Command::Set { name: "search_path".to_owned(), value: None }),
            ("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", Command::Nothing("SET")),
            ("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", Command::Nothing("SET")),
            ("RESET ALL", Command::ResetAll),
            ("SHOW TRANSACTION ISOLATION LEVEL", Command::Show("transaction_isolation".to_owned())),
            ("SHOW standard_conforming_strings", Command::Show("standard_conforming_strings".to_owned())),
            ("show time zone", Command::Show("TimeZone".to_owned())),
            ("DISCARD ALL", Command::DiscardAll),
            ("DEALLOCATE \"_PLAN1\"", Command::Deallocate(Some("_PLAN1".to_owned()))),
            ("DEALLOCATE ALL", Command::Deallocate(None)),
            ("UNLISTEN *", Command::Nothing("UNLISTEN")),
            ("SELECT pg_advisory_unlock_all()", Command::Nothing("SELECT 0")),
            ("CLOSE \"C_1\"", Command::Close(Some("C_1".to_owned()))),
            ("FETCH FORWARD 100 FROM \"cur\"", Command::Fetch { name: "cur".to_owned(), rows: Some(100) }),
            ("FETCH ALL IN cur", Command::Fetch { name: "cur".to_owned(), rows: None }),
            ("fetch cur", Command::Fetch { name: "cur".to_owned(), rows: Some(1) }),
            ("MOVE FORWARD 5 IN cur", Command::Move { name: "cur".to_owned(), rows: Some(5) }),
        ];
        for (text, want) in cases {
            assert_eq!(Command::parse(text).expect("parses"), Some(want), "{text}");
        }
    }

    #[test]
    fn attack_2_a_cursor_is_declared_without_parsing_its_query() {
        let deep = format!("select {}", vec!["1"; 400_000].join("+"));
        let nested = format!("select {}'a'{}", "upper(".repeat(32), ")".repeat(32));
        let cases = [
            (
                "DECLARE \"c\" CURSOR WITH HOLD FOR SELECT 1 WHERE 'a' = $1",
                "c",
                Hold::Session,
                "SELECT 1 WHERE 'a' = $1",
            ),
            ("declare C no scroll cursor for\n\n 查 -- x", "c", Hold::Transaction, "查 -- x"),
            (
                "declare\n 名 insensitive\n cursor without hold for /* for */ select 'for'",
                "名",
                Hold::Transaction,
                "select 'for'",
            ),
            (&format!("declare c cursor for {deep}"), "c", Hold::Transaction, &deep),
            (&format!("declare c cursor for {nested}"), "c", Hold::Transaction, &nested),
        ];
        for (text, name, hold, query) in cases {
            let want = Command::Declare { name: name.to_owned(), hold, query: query.to_owned() };
            assert_eq!(Command::parse(text).expect("parses"), Some(want), "{}", &text[..20]);
        }
        for text in [
            "declare",
            "declare c",
            "declare c cursor",
            "declare c cursor for",
            "declare c cursor with x for 1",
        ] {
            assert_eq!(code(text), "42601", "{text}");
        }
        assert_eq!(code("declare c scroll cursor for select 1"), "0A000");
        assert_eq!(code("declare c binary cursor for select 1"), "0A000");
    }

    #[test]
    fn queries_pass_and_writes_are_named() {
        for text in [
            "select 1",
            "with x as (select 1) select * from x",
            "show tables",
            "explain select 1",
            "(select 1)",
            "'",
        ] {
            assert_eq!(Command::parse(text).expect("parses"), None, "{text}");
        }
        for text in ["insert into t values (1)", "DROP TABLE t", "vacuum", "create table t (a int)"] {
            assert_eq!(code(text), "25006", "{text}");
        }
        assert_eq!(code("copy t to stdout"), "0A000");
        assert_eq!(code("set role admin"), "42501");
        assert_eq!(code("set session authorization admin"), "42501");
        assert_eq!(code("fetch backward 1 from c"), "55000");
    }
}
