//! `pujiang definitions plan|apply|history|show|revert`: works on the operational store alone; a running server notices a
//! newly applied set within a second and takes it up.

use std::path::Path;

use pujiang_definition::FileChange;
use pujiang_transactional::Store;
use pujiang_transactional::audit::Entry;
use serde_json::json;

use super::args::{
    DefinitionsAction, DefinitionsApplyArgs, DefinitionsPlanArgs, DefinitionsRevertArgs, DefinitionsShowArgs,
};
use super::table::{Align, Heading, aligned};
use super::{CliError, Verdict, data_dir, output};
use crate::app::OpenError;
use crate::definitions::{Applied, Desk, DeskError, lines};

/// Who does it, where nobody is named.
const ACTOR: &str = "cli";

/// Runs an action.
pub async fn run(action: DefinitionsAction) -> Result<Verdict, CliError> {
    match action {
        DefinitionsAction::Plan(args) => plan(args).await,
        DefinitionsAction::Apply(args) => apply(args).await,
        DefinitionsAction::History(args) => history(&args.data).await,
        DefinitionsAction::Show(args) => show(args).await,
        DefinitionsAction::Revert(args) => revert(args).await,
    }
}

async fn plan(args: DefinitionsPlanArgs) -> Result<Verdict, CliError> {
    let desk = desk(&args.data.data, args.from.as_deref()).await?;
    let plan = match Box::pin(desk.plan()).await {
        Ok(plan) => plan,
        Err(error) => return refused(error),
    };
    output::say(&plan.lines().join("\n"))?;
    let problems = plan.problems();
    if problems.is_empty() {
        return Ok(Verdict::Yes);
    }
    output::say(&format!("不能执行：\n{}", problems.join("\n")))?;
    Ok(Verdict::No)
}

async fn apply(args: DefinitionsApplyArgs) -> Result<Verdict, CliError> {
    let desk = desk(&args.data.data, args.from.as_deref()).await?;
    tell(Box::pin(desk.apply(entry(args.by), args.note, None)).await)
}

async fn revert(args: DefinitionsRevertArgs) -> Result<Verdict, CliError> {
    let desk = desk(&args.data.data, None).await?;
    tell(Box::pin(desk.revert(args.number, entry(args.by), args.note)).await)
}

async fn history(data: &Path) -> Result<Verdict, CliError> {
    let sets = desk(data, None).await?.history().await.map_err(OpenError::from)?;
    let heading = |title: &str, align| Heading { title: title.to_owned(), align };
    let headings = [
        heading("第几套", Align::Right),
        heading("时间", Align::Left),
        heading("启用人", Align::Left),
        heading("说明", Align::Left),
    ];
    let rows: Vec<_> = sets
        .iter()
        .map(|set| vec![json!(set.number), json!(set.at), json!(set.by), json!(set.note)])
        .collect();
    output::say(&aligned(&headings, &rows))?;
    Ok(Verdict::Yes)
}

async fn show(args: DefinitionsShowArgs) -> Result<Verdict, CliError> {
    let kept = match desk(&args.data.data, None).await?.show(args.number).await {
        Ok(kept) => kept,
        Err(error) => return refused(error),
    };
    let head = &kept.head;
    let note = head.note.as_deref().unwrap_or("—");
    let mut text = vec![
        format!("第 {} 套，{}，{} 启用，说明：{note}", head.number, head.at, head.by),
        format!("共 {} 个文件", kept.files.len()),
    ];
    text.extend(kept.files.iter().map(|file| format!("  {file}")));
    for one in &kept.differences {
        let change = match one.change {
            FileChange::Added => "新增",
            FileChange::Changed => "修改",
            FileChange::Removed => "删除",
        };
        text.push(format!("{change} {}", one.file));
        text.extend(one.lines.iter().map(|line| format!("  {line}")));
    }
    output::say(&text.join("\n"))?;
    Ok(Verdict::Yes)
}

fn entry(by: Option<String>) -> Entry {
    Entry { actor: by.unwrap_or_else(|| ACTOR.to_owned()), ..Entry::default() }
}

fn tell(applied: Result<Applied, DeskError>) -> Result<Verdict, CliError> {
    let Applied { number, plan, set_aside } = match applied {
        Ok(applied) => applied,
        Err(error) => return refused(error),
    };
    let before = plan.follows;
    let mut text = plan.lines();
    text.push(match before == number {
        true => format!("第 {number} 套定义已在使用，没有变更"),
        false => format!("已启用第 {number} 套定义；正在运行的服务会自动换上，不用重启"),
    });
    if let Some(folder) = set_aside {
        text.push(format!("定义目录里原有未启用的文件，已另存到 {}", folder.display()));
    }
    output::say(&text.join("\n"))?;
    Ok(Verdict::Yes)
}

/// Mistakes and what cannot be done are the answer no; the rest is a failure.
fn refused(error: DeskError) -> Result<Verdict, CliError> {
    match error {
        DeskError::Mistakes(errors) => {
            output::say(&lines(&errors))?;
            output::complain(&format!("共 {} 处错误，正在使用的定义不变", errors.len()));
            Ok(Verdict::No)
        }
        DeskError::Impossible(problems) => {
            output::say(&format!("不能执行：\n{}", problems.join("\n")))?;
            output::complain(&format!("共 {} 处，正在使用的定义不变", problems.len()));
            Ok(Verdict::No)
        }
        error @ (DeskError::NoSuchSet(_) | DeskError::Edited) => {
            output::complain(&error.to_string());
            Ok(Verdict::No)
        }
        error => Err(CliError::failed("处理定义")(error)),
    }
}

async fn desk(data: &Path, from: Option<&Path>) -> Result<Desk, CliError> {
    data_dir::present(data)?;
    if let Some(from) = from.filter(|from| !from.is_dir()) {
        return Err(CliError::usage(format!("没有目录 {}，请用 --from 指定定义所在的目录", from.display())));
    }
    let config = data_dir::config(data)?;
    let store = Store::open(&config.store.url()).await.map_err(CliError::failed("打开业务库"))?;
    let desk = Desk::open(store, &config.store).await.map_err(CliError::failed("打开业务库"))?;
    Ok(match from {
        Some(from) => desk.reading(from.to_path_buf()),
        None => desk,
    })
}
