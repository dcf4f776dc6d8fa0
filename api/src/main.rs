//! The program `pujiang`.

use std::process::ExitCode;

use clap::Parser;
use pujiang_api::cli;
use pujiang_api::cli::args::Cli;

/// The system allocator keeps the memory of large queries; this one gives it back.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Read by jemalloc at start: unused pages go back to the machine after a second, from a thread of its own.
/// Without it an idle server keeps three times the memory its data needs (docs/PERFORMANCE.md).
#[expect(unsafe_code, reason = "jemalloc reads its settings from a symbol of this name")]
#[unsafe(export_name = "_rjem_malloc_conf")]
pub static MALLOC_CONF: &[u8] = b"background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0,thp:never\0";

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // Planning deep queries and typesetting recurse more than the default two megabytes allow.
        .thread_stack_size(8 * 1024 * 1024)
        .build();
    match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(cli::run(cli));
            // Blocking work that is still running (a password check, a file) must not hold the exit.
            runtime.shutdown_timeout(std::time::Duration::from_secs(2));
            code
        }
        Err(error) => {
            cli::complain(&format!("无法启动：{error}"));
            ExitCode::from(1)
        }
    }
}
