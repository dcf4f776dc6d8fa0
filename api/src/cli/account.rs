//! `pujiang account`: lists accounts, creates them, grants them roles and rows, gives them a new password. For whoever
//! holds the data folder; every change stands in the audit log as done by `cli`.

use std::io::BufRead;

use clap::{Args, Subcommand};
use pujiang_security::password::weakness;
use pujiang_security::{Assignment, RoleId};
use pujiang_transactional::accounts::{AccountKind, NewAccount};
use pujiang_transactional::{Error as StoreError, ErrorKind};
use rand::Rng;
use serde_json::{Value, json};

use super::args::{DataArgs, Format};
use super::table::{Align, Heading, aligned, csv};
use super::{CliError, Verdict, data_dir, output};

/// Who did it, in the audit log.
const ACTOR: &str = "cli";

/// Actions on accounts.
#[derive(Debug, Subcommand)]
pub enum AccountAction {
    /// 列出全部账号及其角色、数据范围
    List(ListArgs),
    /// 新建账号
    Create(CreateArgs),
    /// 重新授予角色与数据范围（替换原有的全部授权，立即生效）
    Grant(GrantArgs),
    /// 设置新密码，并结束该账号的全部会话
    Password(PasswordArgs),
}

/// Arguments of `account list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// 输出形式
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
    /// The data folder.
    #[command(flatten)]
    pub data: DataArgs,
}

/// What an account may do, and on which rows.
#[derive(Debug, Args)]
pub struct Grants {
    /// 角色，例如 street_clerk；可重复
    #[arg(long = "role", required = true, value_name = "ROLE")]
    pub roles: Vec<RoleId>,
    /// 数据范围：city、310104、street:310104003、organization:单位编号、person:人员编号；可重复，合并生效
    #[arg(long = "scope", value_name = "SCOPE")]
    pub scopes: Vec<Assignment>,
}

/// Arguments of `account create`.
#[derive(Debug, Args)]
pub struct CreateArgs {
    /// 账号
    #[arg(value_name = "ACCOUNT")]
    pub account: String,
    /// 姓名
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// Roles and rows.
    #[command(flatten)]
    pub grants: Grants,
    /// Where its password comes from.
    #[command(flatten)]
    pub password: PasswordSource,
    /// The data folder.
    #[command(flatten)]
    pub data: DataArgs,
}

/// Arguments of `account grant`.
#[derive(Debug, Args)]
pub struct GrantArgs {
    /// 账号
    #[arg(value_name = "ACCOUNT")]
    pub account: String,
    /// Roles and rows.
    #[command(flatten)]
    pub grants: Grants,
    /// The data folder.
    #[command(flatten)]
    pub data: DataArgs,
}

/// Arguments of `account password`.
#[derive(Debug, Args)]
pub struct PasswordArgs {
    /// 账号
    #[arg(value_name = "ACCOUNT")]
    pub account: String,
    /// Where the password comes from.
    #[command(flatten)]
    pub password: PasswordSource,
    /// The data folder.
    #[command(flatten)]
    pub data: DataArgs,
}

/// A password is never an argument: arguments of a process can be read by every user of the machine.
#[derive(Debug, Args)]
pub struct PasswordSource {
    /// 从标准输入的第一行读取密码（不写则生成一个并显示一次）
    #[arg(long)]
    pub password_stdin: bool,
}

/// A password, and whether its owner has to be told.
enum Password {
    Given(String),
    Made(String),
}

/// Runs an action.
pub async fn run(action: AccountAction) -> Result<Verdict, CliError> {
    match action {
        AccountAction::List(args) => Box::pin(list(args)).await,
        AccountAction::Create(args) => Box::pin(create(args)).await,
        AccountAction::Grant(args) => Box::pin(grant(args)).await,
        AccountAction::Password(args) => Box::pin(password(args)).await,
    }
}

async fn list(args: ListArgs) -> Result<Verdict, CliError> {
    let app = data_dir::open(&args.data.data).await?;
    let accounts = app.accounts.list().await.map_err(CliError::failed("读取账号"))?;
    let joined = |texts: Vec<String>| texts.join(" ");
    let rows: Vec<Vec<Value>> = accounts
        .iter()
        .map(|account| {
            let identity = &account.identity;
            vec![
                json!(identity.account),
                json!(identity.name),
                json!(joined(identity.roles.iter().map(ToString::to_string).collect())),
                json!(joined(identity.assignments.iter().map(ToString::to_string).collect())),
                json!(account.state),
                json!(account.last_login_at),
            ]
        })
        .collect();
    let columns = [
        ("account", "账号"),
        ("name", "姓名"),
        ("roles", "角色"),
        ("scopes", "数据范围"),
        ("state", "状态"),
        ("last_login_at", "最近登录"),
    ];
    output::say(&match args.format {
        Format::Table => {
            let heading = |(_, title): (&str, &str)| Heading { title: title.to_owned(), align: Align::Left };
            aligned(&columns.map(heading), &rows)
        }
        Format::Csv => csv(&columns.map(|(name, _)| name.to_owned()), &rows),
        Format::Json => {
            let object = |row: &Vec<Value>| -> Value {
                columns
                    .iter()
                    .zip(row)
                    .map(|((name, _), value)| ((*name).to_owned(), value.clone()))
                    .collect()
            };
            Value::from(rows.iter().map(object).collect::<Vec<_>>()).to_string()
        }
    })?;
    Ok(Verdict::Yes)
}

async fn create(args: CreateArgs) -> Result<Verdict, CliError> {
    let password = Password::of(&args.account, &args.password)?;
    let app = data_dir::open(&args.data.data).await?;
    let account = NewAccount {
        login_name: args.account.clone(),
        name: args.name,
        password: password.text().to_owned(),
        roles: args.grants.roles,
        assignments: args.grants.scopes,
        kind: AccountKind::Person,
    };
    app.accounts.create(ACTOR, account).await.map_err(refused("新建账号"))?;
    output::say(&format!("已新建账号 {}{}", args.account, password.told()))?;
    Ok(Verdict::Yes)
}

async fn grant(args: GrantArgs) -> Result<Verdict, CliError> {
    let app = data_dir::open(&args.data.data).await?;
    let Grants { roles, scopes } = args.grants;
    app.accounts
        .set_grants(ACTOR, &args.account, &roles, &scopes)
        .await
        .map_err(refused("授予角色与数据范围"))?;
    let granted = app.principal_of(&args.account).await.map_err(CliError::failed("读取账号"))?;
    let label = granted.map_or_else(|| "账号已冻结".to_owned(), |principal| principal.scope().label());
    output::say(&format!("{} 现在的数据权限：{label}", args.account))?;
    Ok(Verdict::Yes)
}

async fn password(args: PasswordArgs) -> Result<Verdict, CliError> {
    let password = Password::of(&args.account, &args.password)?;
    let app = data_dir::open(&args.data.data).await?;
    app.accounts
        .set_password(ACTOR, &args.account, password.text().to_owned())
        .await
        .map_err(CliError::failed("设置密码"))?;
    output::say(&format!("已设置 {} 的新密码{}", args.account, password.told()))?;
    Ok(Verdict::Yes)
}

/// What was typed cannot be granted, or the store failed.
fn refused(operation: &'static str) -> impl FnOnce(StoreError) -> CliError {
    move |error| match error.kind() {
        ErrorKind::Invalid => CliError::usage(error.to_string()),
        _ => CliError::failed(operation)(error),
    }
}

impl Password {
    fn of(account: &str, source: &PasswordSource) -> Result<Self, CliError> {
        if !source.password_stdin {
            return Ok(Self::Made(invent(account)));
        }
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map_err(|e| CliError::io("读取标准输入", e))?;
        Ok(Self::Given(line.trim_end_matches(['\r', '\n']).to_owned()))
    }

    fn text(&self) -> &str {
        match self {
            Self::Given(text) | Self::Made(text) => text,
        }
    }

    fn told(&self) -> String {
        match self {
            Self::Given(_) => String::new(),
            Self::Made(text) => format!("；密码（只显示这一次）：{text}"),
        }
    }
}

/// Sixteen characters that are not mistaken for each other.
fn invent(account: &str) -> String {
    const CHARACTERS: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut rng = rand::rng();
    loop {
        let made: String =
            (0..16).map(|_| char::from(CHARACTERS[rng.random_range(0..CHARACTERS.len())])).collect();
        // Sixteen letters without a digit come up once in a few hundred.
        if weakness(account, &made).is_none() {
            return made;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invented_passwords_pass_the_rule_and_differ() {
        let made: std::collections::BTreeSet<_> = (0..200).map(|_| invent("d310104")).collect();
        assert_eq!(made.len(), 200);
        assert!(made.iter().all(|password| weakness("d310104", password).is_none()));
    }
}
