//! `completions`: a script that completes commands and flags in a shell.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Result, output};

pub(super) const EXAMPLES: &str = "\
Examples:
  mcp-server completions bash > ~/.local/share/bash-completion/completions/mcp-server
  mcp-server completions zsh > ~/.zfunc/_mcp-server";

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The shell
    shell: Shell,
}

#[expect(
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    reason = "the shape that commands have"
)]
pub(super) fn run(arguments: Arguments) -> Result {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "mcp-server", &mut script);
    output::piece(&String::from_utf8_lossy(&script));
    Ok(())
}
