//! The command line `pujiang`: arguments, and one file per command. Exit codes: 0 done, 1 the answer is no, 2 usage.

mod account;
pub mod args;
mod audit;
mod backup;
mod caller;
pub mod check;
mod data_dir;
mod definitions;
mod doctor;
mod error;
mod ingest;
mod metrics;
mod migrate;
mod output;
mod report;
mod restore;
mod serve;
mod sql;
mod table;

use std::process::ExitCode;

use args::{AuditAction, Cli, Command, IngestAction, MetricsAction, ReportAction};
pub use error::CliError;
pub use output::complain;

/// What a command that ran to its end has to say to the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Done, or yes.
    Yes,
    /// It ran, and the answer is no.
    No,
}

/// Runs a parsed command line to its exit code; errors are already printed.
pub async fn run(cli: Cli) -> ExitCode {
    let done = match cli.command {
        Command::Serve(args) => Box::pin(serve::run(args)).await,
        Command::Demo(args) => {
            Box::pin(crate::demo::run(args)).await.map(|()| Verdict::Yes).map_err(CliError::from_demo)
        }
        Command::Ingest { action: IngestAction::Run(args) } => Box::pin(ingest::run(args)).await,
        Command::Ingest { action: IngestAction::Status(args) } => Box::pin(ingest::status(args)).await,
        Command::Report { action: ReportAction::Run(args) } => Box::pin(report::run(args)).await,
        Command::Metrics { action: MetricsAction::Query(args) } => Box::pin(metrics::query(args)).await,
        Command::Sql(args) => Box::pin(sql::run(args)).await,
        Command::Check(args) => check::run(&args),
        Command::Definitions { action } => Box::pin(definitions::run(action)).await,
        Command::Migrate(args) => Box::pin(migrate::run(args)).await,
        Command::Doctor(args) => Box::pin(doctor::run(args)).await,
        Command::Account { action } => Box::pin(account::run(action)).await,
        Command::Audit { action: AuditAction::Verify(args) } => Box::pin(audit::verify(args)).await,
        Command::Backup(args) => Box::pin(backup::run(args)).await,
        Command::Restore(args) => Box::pin(restore::run(args)).await,
    };
    match done {
        Ok(Verdict::Yes) => ExitCode::SUCCESS,
        Ok(Verdict::No) => ExitCode::from(1),
        Err(error) => {
            complain(&error.to_string());
            error.exit_code()
        }
    }
}
