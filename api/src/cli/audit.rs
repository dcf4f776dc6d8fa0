//! `pujiang audit verify`: walks the hash chain of the audit log.

use pujiang_transactional::audit;

use super::args::DataArgs;
use super::{CliError, Verdict, data_dir, output};

/// Yes if the chain holds; no, with the first broken entry, otherwise.
pub async fn verify(args: DataArgs) -> Result<Verdict, CliError> {
    let app = data_dir::open(&args.data).await?;
    match audit::verify(&app.store).await.map_err(CliError::failed("读取审计日志"))? {
        Ok(verified) => {
            output::say(&format!("审计链完整：{} 条，链尾 {}", verified.entries, verified.head))?;
            Ok(Verdict::Yes)
        }
        Err(broken) => {
            output::say(&broken.to_string())?;
            Ok(Verdict::No)
        }
    }
}
