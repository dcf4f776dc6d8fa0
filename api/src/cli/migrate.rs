//! `pujiang migrate`: brings the operational store and the lake to the definitions of this program.

use super::args::DataArgs;
use super::{CliError, Verdict, data_dir, output};
use crate::app::App;

/// Creates what is missing; nothing is ever dropped.
pub async fn run(args: DataArgs) -> Result<Verdict, CliError> {
    let config = data_dir::config(&args.data)?;
    let app = Box::pin(App::open(&config)).await?;
    output::say(&format!(
        "业务库与数据湖已是最新结构：{} 类记录，{} 张数据表（{}）",
        app.records.definitions().iter().count(),
        app.lake.versions().len(),
        args.data.display()
    ))?;
    Ok(Verdict::Yes)
}
