//! `pujiang restore`: puts a backup into an empty data folder and checks that it opens.

use super::args::RestoreArgs;
use super::backup::{DATABASE, MANIFEST, Manifest, copy_all, empty_or_new};
use super::{CliError, Verdict, data_dir, output};

/// Restores a backup.
pub async fn run(args: RestoreArgs) -> Result<Verdict, CliError> {
    let path = args.from.join(MANIFEST);
    let text = std::fs::read_to_string(&path)
        .map_err(|_| CliError::usage(format!("{} 不是备份目录（没有 {MANIFEST}）", args.from.display())))?;
    let manifest: Manifest = serde_json::from_str(&text).map_err(CliError::failed("读取备份说明"))?;
    if manifest.format != 1 {
        return Err(CliError::usage(format!(
            "备份格式 {} 由更新的程序写成，请先升级本程序",
            manifest.format
        )));
    }
    let data = &args.data.data;
    empty_or_new(data)?;
    let mut copied = 0;
    for name in [DATABASE, "lake", "keys.json", "definitions", "reports", "quarantine"] {
        copied += copy_all(&args.from.join(name), &data.join(name))?;
    }
    let app = data_dir::open(data).await?;
    let restored = app.lake.versions();
    if restored != manifest.tables {
        output::complain("恢复后的数据版本与备份说明不一致，请换一份备份");
        return Ok(Verdict::No);
    }
    output::say(&format!("已恢复 {} 的备份到 {}（{copied} 个文件）", manifest.made_at, data.display()))?;
    Ok(Verdict::Yes)
}
