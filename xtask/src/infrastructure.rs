//! Finds or fetches what the checks of terraform and Ansible and the recovery drills run: a Python environment of ours in
//! `target/xtask/infrastructure`, Debian's PostgreSQL and Redis, and terraform, which is in no registry that we know.

use std::{process::Command, time::Duration};

use anyhow::Result;

use crate::{
    command::{self, Show},
    setup::{self, Unavailable},
    workspace::Workspace,
};

const QUESTION_LIMIT: Duration = Duration::from_mins(1);

/// The oldest terraform that knows write-only arguments, which keep secrets out of states.
const TERRAFORM: (u32, u32) = (1, 11);

/// How to see that something is here, and Debian's package that has it.
const DEBIAN: &[(&str, &str)] = &[
    // Debian keeps the server's programs out of PATH.
    (
        "ls /usr/lib/postgresql/*/bin/initdb || command -v initdb",
        "postgresql",
    ),
    ("command -v psql", "postgresql-client"),
    ("command -v redis-server", "redis-server"),
    (
        "command -v redis-cli && command -v redis-check-rdb",
        "redis-tools",
    ),
    ("command -v pgrep", "procps"),
    ("command -v unshare", "util-linux"),
];

/// Makes every tool be there.
pub(crate) fn provide_tools(workspace: &Workspace) -> Result<()> {
    find_terraform()?;
    let locks = workspace.root.join("tests/deploy/infra");
    setup::install_python(
        workspace,
        "infrastructure",
        &locks,
        setup::Dependencies::Found,
        &|_| Ok(()),
    )?;
    let missing: Vec<&str> = DEBIAN
        .iter()
        .filter(|(question, _)| ask(Command::new("sh").args(["-c", question])).is_err())
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    setup::install_debian_packages(&missing)
        .map_err(|error| Unavailable(format!("Debian's {} are needed: {error:#}", missing.join(", "))).into())
}

fn ask(command: &mut Command) -> Result<Vec<String>> {
    command::run(command, QUESTION_LIMIT, Show::Nothing)
}

fn find_terraform() -> Result<()> {
    let mut question = Command::new("terraform");
    question
        .args(["version", "-json"])
        .env_remove("TF_CLI_CONFIG_FILE")
        .env("CHECKPOINT_DISABLE", "1");
    let (major, minor) = TERRAFORM;
    let missing = |what: &str| {
        Unavailable(format!(
            "{what}: install terraform {major}.{minor} or newer and put it into PATH; no package registry has it"
        ))
    };
    let answer = ask(&mut question).map_err(|_| missing("terraform is not here"))?;
    let version =
        version_of(&answer.join("\n")).ok_or_else(|| missing("terraform does not say its version"))?;
    if version < TERRAFORM {
        return Err(missing(&format!("terraform {}.{} is too old", version.0, version.1)).into());
    }
    Ok(())
}

/// Major and minor version out of `terraform version -json`.
fn version_of(answer: &str) -> Option<(u32, u32)> {
    // A warning about a missing configuration file may stand before it.
    let json = &answer[answer.find('{')?..];
    let answer: serde_json::Value = serde_json::from_str(json).ok()?;
    let mut numbers = answer["terraform_version"].as_str()?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        for (answer, version) in [
            (
                r#"{"terraform_version": "1.11.4", "platform": "linux_amd64"}"#,
                Some((1, 11)),
            ),
            (
                "Warning: no file\n{\"terraform_version\": \"2.0.0-beta1\"}",
                Some((2, 0)),
            ),
            ("{}", None),
            ("terraform 1", None),
        ] {
            assert_eq!(version_of(answer), version, "{answer}");
        }
    }
}
