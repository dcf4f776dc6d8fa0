//! Where settings come from. The only place of this crate that reads environment variables for `serve`.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::ConfigError;

/// Settings given on the command line.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--data`
    pub data: Option<PathBuf>,
    /// `--listen`
    pub listen: Option<String>,
    /// `--pg-listen`
    pub pg_listen: Option<String>,
    /// `--pg-cert`
    pub pg_cert: Option<PathBuf>,
    /// `--pg-key`
    pub pg_key: Option<PathBuf>,
}

/// Flags, environment and file, asked in this order.
#[derive(Debug, Default)]
pub struct Sources {
    /// Flags of the command line.
    pub flags: Flags,
    env: BTreeMap<String, String>,
    file: Option<(PathBuf, BTreeMap<String, String>)>,
    asked: RefCell<BTreeSet<String>>,
}

/// One setting and the name under which it was given.
pub(super) struct Given {
    pub(super) name: String,
    pub(super) value: String,
}

impl Sources {
    /// Reads the process environment and, if named, the file.
    pub fn read(flags: Flags, file: Option<&Path>) -> Result<Self, ConfigError> {
        let env: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(key, _)| key.starts_with("PUJIANG_"))
            .collect();
        let path = file.map(Path::to_path_buf).or_else(|| env.get("PUJIANG_CONFIG").map(PathBuf::from));
        let file = path.map(|path| read_file(&path).map(|values| (path, values)));
        Ok(Self { flags, env, file: file.transpose()?, asked: RefCell::default() })
    }

    /// Sources from given values, for tests.
    pub fn for_testing(env: &[(&str, &str)], file: Option<&str>) -> Result<Self, ConfigError> {
        let path = PathBuf::from("pujiang.toml");
        let file =
            file.map(|text| parse_file(&path, text).map(|values| (path.clone(), values))).transpose()?;
        Ok(Self {
            env: env.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            file,
            ..Self::default()
        })
    }

    pub(super) fn get(&self, flag: Option<(&str, String)>, env: &str, key: &str) -> Option<Given> {
        self.asked.borrow_mut().insert(key.to_owned());
        if let Some((name, value)) = flag {
            return Some(Given { name: name.to_owned(), value });
        }
        if let Some(value) = self.env.get(env).filter(|value| !value.is_empty()) {
            return Some(Given { name: env.to_owned(), value: value.clone() });
        }
        let (path, values) = self.file.as_ref()?;
        values
            .get(key)
            .map(|value| Given { name: format!("{}: {key}", path.display()), value: value.clone() })
    }

    pub(super) fn refuse_unknown(&self) -> Result<(), ConfigError> {
        let Some((path, values)) = &self.file else {
            return Ok(());
        };
        let asked = self.asked.borrow();
        let keys: Vec<&str> = values.keys().filter(|key| !asked.contains(*key)).map(String::as_str).collect();
        if keys.is_empty() {
            return Ok(());
        }
        Err(ConfigError::UnknownKeys { path: path.clone(), keys: keys.join("、") })
    }
}

impl Given {
    pub(super) fn parse<T: FromStr>(&self, expected: &str) -> Result<T, ConfigError> {
        self.value.trim().parse().map_err(|_| self.refuse(expected))
    }

    pub(super) fn refuse(&self, expected: &str) -> ConfigError {
        ConfigError::BadValue { name: self.name.clone(), expected: expected.to_owned() }
    }
}

fn read_file(path: &Path) -> Result<BTreeMap<String, String>, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::ReadFile { path: path.to_path_buf(), source })?;
    parse_file(path, &text)
}

fn parse_file(path: &Path, text: &str) -> Result<BTreeMap<String, String>, ConfigError> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| ConfigError::ParseFile {
        path: path.to_path_buf(),
        message: error.to_string(),
    })?;
    let mut values = BTreeMap::new();
    for (section, value) in table {
        match value {
            toml::Value::Table(inner) => {
                for (key, value) in inner {
                    values.insert(format!("{section}.{key}"), plain(value));
                }
            }
            other => {
                values.insert(section, plain(other));
            }
        }
    }
    Ok(values)
}

fn plain(value: toml::Value) -> String {
    match value {
        toml::Value::String(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    #[test]
    fn environment_beats_file_and_errors_name_the_variable() {
        let file = "[server]\nlisten = \"127.0.0.1:1\"\n";
        let sources =
            Sources::for_testing(&[("PUJIANG_LISTEN", "127.0.0.1:2")], Some(file)).expect("sources");
        let config = Config::from_sources(&sources).expect("config");
        assert_eq!(config.server.listen.port(), 2);

        let sources = Sources::for_testing(&[("PUJIANG_LISTEN", "nowhere")], None).expect("sources");
        let error = Config::from_sources(&sources).expect_err("refused");
        assert!(error.to_string().contains("PUJIANG_LISTEN"), "{error}");

        let sources = Sources::for_testing(&[], Some("[server]\nlisten_on = 1\n")).expect("sources");
        let error = Config::from_sources(&sources).expect_err("refused");
        assert!(error.to_string().contains("server.listen_on"), "{error}");
    }
}
