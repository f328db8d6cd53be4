//! `deploy/ansible`: lint clean, and a second run changes nothing.

use std::process::Command;

use crate::tools;

/// A command of the Python environment, which finds its own programs first.
fn ansible(name: &str) -> Command {
    let program = super::program(name);
    let folder = program.parent().expect("a program is in a folder");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_path_buf()).chain(std::env::split_paths(&path));
    let mut command = Command::new(&program);
    command
        .current_dir(tools::deploy("ansible"))
        .env("PATH", std::env::join_paths(folders).expect("a path of folders"))
        .env("ANSIBLE_NOCOLOR", "1");
    command
}

#[test]
fn playbooks_and_roles_are_lint_clean() {
    tools::run(ansible("ansible-lint").arg("--offline"));
}

#[test]
fn a_planted_mistake_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let playbook = folder.path().join("playbook.yml");
    let text = "---\n- name: Mistakes\n  hosts: all\n  tasks:\n    - name: Not idempotent\n      command: touch /etc/x\n";
    std::fs::write(&playbook, text).expect("a writable folder");
    let output = tools::end(ansible("ansible-lint").arg("--offline").arg(&playbook));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success(), "it was passed:\n{said}");
    for rule in ["fqcn", "no-changed-when"] {
        assert!(said.contains(rule), "{rule} was not named:\n{said}");
    }
}

#[test]
fn a_second_run_changes_nothing() {
    let script = tools::root().join("tests/deploy/infra/idempotent.sh");
    let mut twice = Command::new(script);
    twice
        .arg(super::program("ansible-playbook"))
        .arg(tools::deploy("ansible/playbooks/management.yml"))
        .current_dir(tools::deploy("ansible"));
    let said = tools::run(&mut twice);
    let changed = |run: &str| -> Option<u32> {
        said.lines()
            .find_map(|line| line.strip_prefix(&format!("{run} changed="))?.parse().ok())
    };
    assert!(changed("first") > Some(0), "the first run did nothing: {said}");
    assert_eq!(changed("second"), Some(0), "{said}");
}

#[test]
fn a_failover_wants_a_decision() {
    let mut playbook = ansible("ansible-playbook");
    playbook.args(["--inventory", "localhost,", "--connection", "local"]);
    playbook.args([
        "--extra-vars",
        r#"{"hosts": "all", "environment_name": "production"}"#,
    ]);
    let text =
        tools::read("ansible/playbooks/region_failover.yml").replace("hosts: management", "hosts: all");
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("failover.yml");
    std::fs::write(&copy, text).expect("a writable folder");
    let output = tools::end(playbook.arg(&copy));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success(), "it went ahead:\n{said}");
    assert!(
        said.contains("-e confirmed=swedencentral-is-lost"),
        "it does not say what to do:\n{said}"
    );
    assert!(!said.contains("Promote the replica"), "it went on:\n{said}");
}
