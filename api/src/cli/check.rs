//! `pujiang check`: validates every definition of every room and the references between them, and lists all
//! errors at once as `file:line:col: key: what to do`.

use pujiang_definition::{DefinitionError, Layers};

use super::args::CheckArgs;
use super::{CliError, Verdict, output};
use crate::definitions::DefinitionSet;

/// Prints every mistake; no mistake is the answer yes.
pub fn run(args: &CheckArgs) -> Result<Verdict, CliError> {
    let layers = match (&args.definitions, &args.data) {
        (Some(root), _) if !root.is_dir() => {
            return Err(CliError::usage(format!(
                "没有目录 {}，请用 --definitions 指定定义所在的目录",
                root.display()
            )));
        }
        (Some(root), _) => Layers::tree(root),
        (None, Some(data)) => Layers::builtin().over(&data.join("definitions")),
        (None, None) => Layers::builtin(),
    };
    let errors = errors(&layers);
    if errors.is_empty() {
        output::complain("全部定义正确");
        return Ok(Verdict::Yes);
    }
    let lines: Vec<String> = errors.iter().map(DefinitionError::to_string).collect();
    output::say(&lines.join("\n"))?;
    output::complain(&format!("共 {} 处错误", errors.len()));
    Ok(Verdict::No)
}

/// Everything wrong with these definitions.
#[must_use]
pub fn errors(layers: &Layers) -> Vec<DefinitionError> {
    DefinitionSet::load(layers).err().unwrap_or_default()
}
