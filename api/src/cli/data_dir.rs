//! Opens an existing data folder for one command: same composition as the server, without its background work.

use std::path::Path;
use std::sync::Arc;

use super::CliError;
use crate::app::App;
use crate::config::{Config, Flags, Sources};

/// The application over a folder that must be there.
pub async fn open(data: &Path) -> Result<Arc<App>, CliError> {
    present(data)?;
    let config = config(data)?;
    Ok(Box::pin(App::open(&config)).await?)
}

/// Refuses a folder that is not there.
pub fn present(data: &Path) -> Result<(), CliError> {
    if data.is_dir() {
        return Ok(());
    }
    Err(CliError::usage(format!(
        "没有数据目录 {}，请用 --data 指定，或先运行 pujiang demo / pujiang serve",
        data.display()
    )))
}

/// The settings a command runs with: its folder, and the environment for the rest.
pub fn config(data: &Path) -> Result<Config, CliError> {
    let flags = Flags { data: Some(data.to_path_buf()), ..Flags::default() };
    let sources = Sources::read(flags, None)?;
    Ok(Config::from_sources(&sources)?)
}
