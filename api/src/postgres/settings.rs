//! Session settings a client may set and show. Few of them do something here; the rest are kept so that tools which set
//! and read them back go on working. None of them changes what may be seen. Those of which another value would change what
//! a statement means here are honoured (`TimeZone`, `DateStyle`) or refused.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::timezone::Tz;
use pgwire::types::format::FormatOptions;

use super::failure::Failure;

/// Version of PostgreSQL whose manners clients may expect.
pub const SERVER_VERSION: &str = "15.9";

/// Settings one session may keep.
const MOST: usize = 200;

/// Longest value.
const LONGEST: usize = 1024;

/// Name as it is shown, value at the beginning.
const DEFAULTS: [(&str, &str); 36] = [
    ("application_name", ""),
    ("bytea_output", "hex"),
    ("client_encoding", "UTF8"),
    ("client_min_messages", "notice"),
    ("DateStyle", "ISO, YMD"),
    ("default_transaction_isolation", "read committed"),
    ("default_transaction_read_only", "on"),
    ("extra_float_digits", "1"),
    ("idle_in_transaction_session_timeout", "0"),
    ("in_hot_standby", "off"),
    ("integer_datetimes", "on"),
    ("IntervalStyle", "postgres"),
    ("is_superuser", "off"),
    ("lc_collate", "C"),
    ("lc_ctype", "C.UTF-8"),
    ("lc_messages", "C"),
    ("lc_monetary", "C"),
    ("lc_numeric", "C"),
    ("lc_time", "C"),
    ("lock_timeout", "0"),
    ("max_connections", "200"),
    ("max_identifier_length", "63"),
    ("max_index_keys", "32"),
    ("row_security", "on"),
    ("search_path", "public"),
    ("server_encoding", "UTF8"),
    ("server_version", SERVER_VERSION),
    ("server_version_num", "150009"),
    ("session_authorization", ""),
    ("ssl", "on"),
    ("standard_conforming_strings", "on"),
    ("statement_timeout", "0"),
    ("TimeZone", "Asia/Shanghai"),
    ("transaction_isolation", "read committed"),
    ("transaction_read_only", "on"),
    ("wal_level", "replica"),
];

/// Settings whose value a client is told at once, as PostgreSQL does.
const REPORTED: [&str; 13] = [
    "application_name",
    "client_encoding",
    "DateStyle",
    "default_transaction_read_only",
    "in_hot_standby",
    "integer_datetimes",
    "IntervalStyle",
    "is_superuser",
    "server_encoding",
    "server_version",
    "session_authorization",
    "standard_conforming_strings",
    "TimeZone",
];

/// Settings that say what the server is; setting them is an error.
const FIXED: [&str; 11] = [
    "in_hot_standby",
    "integer_datetimes",
    "is_superuser",
    "max_connections",
    "max_identifier_length",
    "max_index_keys",
    "server_encoding",
    "server_version",
    "server_version_num",
    "session_authorization",
    "ssl",
];

/// Settings of one session.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    values: BTreeMap<String, String>,
    /// What stood before `SET LOCAL`, until the transaction ends.
    before: BTreeMap<String, Option<String>>,
}

impl Settings {
    /// Sets what the server itself knows of the session.
    pub fn put(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_ascii_lowercase(), value.to_owned());
    }

    /// Sets what a client wishes. Some name and value when the client is to be told the new value.
    pub fn set(&mut self, name: &str, value: &str) -> Result<Option<(String, String)>, Failure> {
        let key = name.to_ascii_lowercase();
        if FIXED.contains(&key.as_str()) {
            return Err(Failure::error("55P02", format!("参数 {name} 不能修改。")));
        }
        // Names with a dot are the engine's here, and no setting of it may be changed.
        if key.contains('.') {
            return Err(Failure::error("42704", format!("没有参数“{name}”，不能设置。")));
        }
        if value.len() > LONGEST || (self.values.len() >= MOST && !self.values.contains_key(&key)) {
            return Err(Failure::error("54000", "会话参数太多或太长。"));
        }
        let value = checked(&key, value)?;
        self.values.insert(key.clone(), value.clone());
        Ok(REPORTED
            .into_iter()
            .find(|shown| shown.eq_ignore_ascii_case(&key))
            .map(|shown| (shown.to_owned(), value)))
    }

    /// Sets until the transaction ends. Some name and value when the client is to be told the new value.
    pub fn set_local(&mut self, name: &str, value: &str) -> Result<Option<(String, String)>, Failure> {
        let key = name.to_ascii_lowercase();
        let before = self.values.get(&key).cloned();
        let told = self.set(name, value)?;
        self.before.entry(key).or_insert(before);
        Ok(told)
    }

    /// What was set locally goes back. The values the client is to be told.
    pub fn end_transaction(&mut self) -> Vec<(String, String)> {
        let before = std::mem::take(&mut self.before);
        for (key, value) in &before {
            match value {
                Some(value) => drop(self.values.insert(key.clone(), value.clone())),
                None => drop(self.values.remove(key)),
            }
        }
        let reported = |key: &String| REPORTED.into_iter().find(|shown| shown.eq_ignore_ascii_case(key));
        before.keys().filter_map(reported).filter_map(|name| self.get(name)).collect()
    }

    /// All values, by names in small letters, as functions of a statement ask for them.
    pub fn by_name(&self) -> BTreeMap<String, String> {
        self.all().into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect()
    }

    /// Back to the beginning. The value the client is to be told, if it is.
    pub fn reset(&mut self, name: &str) -> Option<(String, String)> {
        let key = name.to_ascii_lowercase();
        if FIXED.contains(&key.as_str()) || self.values.remove(&key).is_none() {
            return None;
        }
        let (shown, value) = DEFAULTS.into_iter().find(|(shown, _)| shown.eq_ignore_ascii_case(&key))?;
        REPORTED.contains(&shown).then(|| (shown.to_owned(), value.to_owned()))
    }

    /// All that a client set goes back. The values the client is to be told.
    pub fn reset_all(&mut self) -> Vec<(String, String)> {
        let names: Vec<String> = self.values.keys().cloned().collect();
        names.iter().filter_map(|name| self.reset(name)).collect()
    }

    /// Name as it is shown and value now.
    pub fn get(&self, name: &str) -> Option<(String, String)> {
        let key = name.to_ascii_lowercase();
        let default = DEFAULTS.into_iter().find(|(shown, _)| shown.eq_ignore_ascii_case(&key));
        let shown = default.map_or(key.as_str(), |(shown, _)| shown).to_owned();
        let value = self.values.get(&key).cloned().or(default.map(|(_, value)| value.to_owned()))?;
        Some((shown, value))
    }

    /// Everything, by name.
    pub fn all(&self) -> Vec<(String, String)> {
        let mut names: Vec<&str> = DEFAULTS.into_iter().map(|(shown, _)| shown).collect();
        names.extend(
            self.values
                .keys()
                .map(String::as_str)
                .filter(|key| !DEFAULTS.iter().any(|(shown, _)| shown.eq_ignore_ascii_case(key))),
        );
        names.into_iter().filter_map(|name| self.get(name)).collect()
    }

    /// What a client is told when it has logged in.
    pub fn reported(&self) -> Vec<(String, String)> {
        REPORTED.into_iter().filter_map(|name| self.get(name)).collect()
    }

    /// How texts of values are written.
    pub fn formats(&self) -> Arc<FormatOptions> {
        let value = |name| self.get(name).map(|(_, value)| value).unwrap_or_default();
        let mut options = FormatOptions::default();
        options.date_style = value("DateStyle");
        options.interval_style = value("IntervalStyle");
        options.bytea_output = value("bytea_output");
        options.time_zone = value("TimeZone");
        options.extra_float_digits = value("extra_float_digits").parse().unwrap_or(1);
        Arc::new(options)
    }

    /// The client's own time limit, if it set one.
    pub fn statement_timeout(&self) -> Option<Duration> {
        let value = self.values.get("statement_timeout")?;
        duration(value).filter(|limit| !limit.is_zero())
    }
}

/// The value as it is kept, or why it cannot be.
fn checked(key: &str, value: &str) -> Result<String, Failure> {
    let bad = || Failure::error("22023", format!("参数 {key} 的取值不对。"));
    match key {
        "client_encoding" => match value.to_ascii_lowercase().replace(['-', '_'], "").as_str() {
            // A client without a locale sends bytes as they are.
            "utf8" | "unicode" | "sqlascii" => Ok("UTF8".to_owned()),
            _ => {
                Err(Failure::error("22023", "只支持 UTF8 编码，请把客户端编码（client_encoding）设为 UTF8。"))
            }
        },
        "datestyle" => date_style(value).ok_or_else(bad),
        "intervalstyle" => match value.to_ascii_lowercase().as_str() {
            "postgres" | "postgres_verbose" | "sql_standard" | "iso_8601" => Ok(value.to_ascii_lowercase()),
            _ => Err(bad()),
        },
        "bytea_output" => match value.to_ascii_lowercase().as_str() {
            "hex" | "escape" => Ok(value.to_ascii_lowercase()),
            _ => Err(bad()),
        },
        "extra_float_digits" => value.parse::<i8>().map(|digits| digits.to_string()).map_err(|_| bad()),
        "timezone" => time_zone(value).ok_or_else(|| {
            let text = format!("不认识时区“{value}”；请写成 Asia/Shanghai、UTC 或 +08:00 这样的名称。");
            Failure::error("22023", text)
        }),
        "statement_timeout" => duration(value).map(|_| value.to_owned()).ok_or_else(bad),
        "standard_conforming_strings" => match value.to_ascii_lowercase().as_str() {
            "on" | "true" | "yes" | "1" => Ok("on".to_owned()),
            _ => Err(bad()),
        },
        _ => Ok(value.to_owned()),
    }
}

/// `ISO`, `ISO, MDY`, `German` … as style and order.
fn date_style(value: &str) -> Option<String> {
    let (mut style, mut order) = ("ISO", "YMD");
    for part in value.split(',').map(|part| part.trim().to_ascii_lowercase()) {
        match part.as_str() {
            "iso" => style = "ISO",
            "sql" => style = "SQL",
            "postgres" => style = "Postgres",
            "german" => (style, order) = ("German", "DMY"),
            "ymd" => order = "YMD",
            "mdy" | "us" | "noneuro" | "noneuropean" => order = "MDY",
            "dmy" | "euro" | "european" => order = "DMY",
            _ => return None,
        }
    }
    Some(format!("{style}, {order}"))
}

/// A zone as the engine knows it: by its name in any case, or hours east of Greenwich.
fn time_zone(value: &str) -> Option<String> {
    let value = value.trim();
    let known = |name: &str| Tz::from_str(name).is_ok().then(|| name.to_owned());
    if let Ok(hours) = value.parse::<i32>() {
        let sign = if hours < 0 { '-' } else { '+' };
        return (hours.abs() < 16).then(|| format!("{sign}{:02}:00", hours.abs()));
    }
    let words = value.to_ascii_lowercase();
    // In this form hours are counted west of Greenwich, as POSIX has it and Java sends it.
    if let Some(west) = words.strip_prefix("gmt").or(words.strip_prefix("utc")).filter(|west| west.len() > 1)
    {
        let (hours, minutes) = west.split_once(':').unwrap_or((west, "00"));
        let hours = hours.parse::<i32>().ok().filter(|hours| hours.abs() < 16)?;
        let sign = if hours > 0 { '-' } else { '+' };
        return known(&format!("{sign}{:02}:{minutes}", hours.abs()));
    }
    let capitals: String = words
        .split('/')
        .map(|part| part.split('_').map(capitalized).collect::<Vec<_>>().join("_"))
        .collect::<Vec<_>>()
        .join("/");
    known(value).or_else(|| known(&value.to_ascii_uppercase())).or_else(|| known(&capitals))
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Milliseconds, or a number with its unit.
fn duration(value: &str) -> Option<Duration> {
    let value = value.trim();
    let digits = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let number: u64 = digits.parse().ok()?;
    let millis = match value[digits.len()..].trim() {
        "" | "ms" => number,
        "s" => number.checked_mul(1_000)?,
        "min" => number.checked_mul(60_000)?,
        "h" => number.checked_mul(3_600_000)?,
        _ => return None,
    };
    Some(Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_checked_shown_and_reset() {
        let mut settings = Settings::default();
        let told = |pair: (&str, &str)| Some((pair.0.to_owned(), pair.1.to_owned()));
        assert_eq!(settings.set("datestyle", "iso").expect("set"), told(("DateStyle", "ISO, YMD")));
        assert_eq!(settings.set("client_encoding", "utf-8").expect("set"), told(("client_encoding", "UTF8")));
        assert!(settings.set("client_encoding", "GBK").is_err());
        assert!(settings.set("server_version", "9").is_err());
        assert!(settings.set("statement_timeout", "soon").is_err());
        assert_eq!(settings.set("Jit", "off").expect("set"), None);
        for name in ["datafusion.execution.batch_size", "DataFusion.Catalog.Information_Schema", "a.b"] {
            assert_eq!(settings.set(name, "1").expect_err(name).into_info().code, "42704");
            assert_eq!(settings.get(name), None);
        }
        assert_eq!(settings.get("JIT"), told(("jit", "off")));
        assert_eq!(settings.get("unheard_of"), None);
        settings.set("application_name", "psql").expect("set");
        assert_eq!(settings.reset("application_name"), told(("application_name", "")));
        assert!(settings.all().len() > DEFAULTS.len());
    }

    #[test]
    fn zones_are_honoured_or_refused() {
        let mut settings = Settings::default();
        for (zone, shown) in [
            ("UTC", "UTC"),
            ("utc", "UTC"),
            ("asia/shanghai", "Asia/Shanghai"),
            ("america/new_york", "America/New_York"),
            ("8", "+08:00"),
            ("-5", "-05:00"),
            ("GMT-08:00", "+08:00"),
        ] {
            settings.set("TimeZone", zone).expect(zone);
            assert_eq!(settings.get("timezone").map(|(_, value)| value).as_deref(), Some(shown), "{zone}");
        }
        assert!(settings.set("TimeZone", "Mars/Olympus").is_err());
    }

    #[test]
    fn what_is_local_ends_with_the_transaction() {
        let mut settings = Settings::default();
        settings.set("application_name", "a").expect("set");
        settings.set_local("application_name", "b").expect("set");
        settings.set_local("jit", "off").expect("set");
        settings.set_local("application_name", "c").expect("set");
        let value = |settings: &Settings, name: &str| settings.get(name).map(|(_, value)| value);
        assert_eq!(value(&settings, "application_name").as_deref(), Some("c"));
        assert_eq!(settings.end_transaction(), [("application_name".to_owned(), "a".to_owned())]);
        assert_eq!(
            (value(&settings, "application_name").as_deref(), value(&settings, "jit")),
            (Some("a"), None)
        );
        assert!(settings.end_transaction().is_empty());
    }

    #[test]
    fn limits_in_every_unit() {
        let mut settings = Settings::default();
        for (text, want) in [("0", None), ("1500", Some(1_500)), ("2s", Some(2_000)), ("1 min", Some(60_000))]
        {
            settings.set("statement_timeout", text).expect("set");
            assert_eq!(settings.statement_timeout(), want.map(Duration::from_millis), "{text}");
        }
    }
}
