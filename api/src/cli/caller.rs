//! The account a command asks as: same roles, same rows as over HTTP.

use pujiang_security::Principal;

use super::CliError;
use crate::app::App;

/// The principal of a stored account.
pub async fn caller(app: &App, account: &str) -> Result<Principal, CliError> {
    let found = app.principal_of(account).await.map_err(CliError::failed("读取账号"))?;
    found.ok_or_else(|| CliError::usage(format!("没有可用的账号 {account}，请用 --as 指定一个已有账号")))
}
