//! The command line as a whole: what it accepts, and how it ends.

use clap::CommandFactory;

use super::*;

mod documents;

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn serving_is_the_default() {
    let cli = Cli::try_parse_from(["mcp-server"]).expect("no arguments are fine");
    assert!(cli.command.is_none());
    let cli = Cli::try_parse_from([
        "mcp-server",
        "--listen",
        "127.0.0.1:9",
        "--set",
        "queue.capacity=300",
    ]);
    let cli = cli.expect("flags without a command are fine");
    let start = Start {
        global: cli.global,
        environment: Environment::new(),
        style: Style::new(&Environment::new()),
    };
    let config = start.config().expect("valid");
    assert_eq!((config.http.listen.port(), config.queue.capacity), (9, 300));
}

#[test]
fn every_documented_command_is_there() {
    for line in [
        "serve",
        "stdio",
        "chat",
        "chat hello there",
        "tools list --json",
        "tools call server_status --url http://127.0.0.1:1/mcp",
        "tools call x --arg a=b --arg c=d --args {}",
        "models list --json",
        "models show bundled --json",
        "models pull qwen3-0.6b --from x.gguf --sha256 00 --accept-unlisted",
        "models verify",
        "models rm x",
        "backends list --json --url http://127.0.0.1:9464",
        "backends drain azure --reason because",
        "backends force-open azure --reason because --json",
        "backends resume azure --reason because",
        "doctor --json --call",
        "config init",
        "config show --json",
        "config check --config x.toml",
        "completions zsh",
    ] {
        let words = ["mcp-server"].into_iter().chain(line.split(' '));
        assert!(Cli::try_parse_from(words).is_ok(), "{line}");
    }
}

#[test]
fn wrong_usage_is_refused() {
    for line in [
        "serv",
        "tools",
        "tools call",
        "--set novalue",
        "--set =1",
        "completions tcsh",
        "models pull",
        "backends",
        "backends drain azure",
        "backends drain --reason because",
    ] {
        let words = ["mcp-server"].into_iter().chain(line.split(' '));
        let error = Cli::try_parse_from(words).expect_err(line);
        assert_eq!(error.exit_code(), 2, "{line}");
    }
}
