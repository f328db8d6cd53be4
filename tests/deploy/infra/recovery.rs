//! `deploy/dr`: every row of the recovery table is lost for real and brought back by the runbook's steps, within its limits.

use std::process::Command;

use serde_json::Value;

use crate::tools;

/// The recovery table of the architecture, in seconds.
const TABLE: [(&str, u64, u64); 6] = [
    ("pod", 30, 0),
    ("node", 120, 0),
    ("zone", 300, 0),
    ("region", 900, 60),
    ("corruption", 3600, 3600),
    ("total", 14400, 86400),
];

fn drills(arguments: &[&str]) -> std::process::Output {
    let mut command = Command::new(super::python());
    command.arg(tools::deploy("dr/drills")).args(arguments);
    tools::end(command.env("PYTHONDONTWRITEBYTECODE", "1"))
}

#[test]
fn every_row_of_the_recovery_table_is_met() {
    let output = drills(&["--json"]);
    let text = String::from_utf8_lossy(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    let rows: Vec<Value> =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}\n{said}"));
    assert_eq!(rows.len(), TABLE.len());
    for (row, (scenario, recovery_time, data_loss)) in rows.iter().zip(TABLE) {
        println!("{row}");
        assert_eq!(row["scenario"], scenario);
        assert_eq!(row["rto_limit_s"], recovery_time, "{scenario}: another limit");
        assert_eq!(row["rpo_limit_s"], data_loss, "{scenario}: another limit");
        assert_eq!(row["failures"], serde_json::json!([]), "{scenario}");
        assert!(
            row["rows_acknowledged"].as_u64() >= Some(50),
            "{scenario}: hardly a call was made"
        );
    }
    assert!(output.status.success(), "{said}");
    // Both must be able to lose something, or a loss of nothing says nothing.
    assert!(
        rows[5]["rows_lost"].as_u64() > Some(0),
        "nothing was in no archive"
    );
}

#[test]
fn an_unknown_scenario_is_named_with_those_there_are() {
    let output = drills(&["meteor"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said.contains("there is no scenario meteor") && said.contains("corruption"),
        "{said}"
    );
}

#[test]
fn the_runbook_names_every_step_and_every_limit() {
    let runbook = tools::read("dr/README.md");
    for entry in std::fs::read_dir(tools::deploy("dr/steps")).expect("the steps") {
        let name = entry.expect("a step").file_name();
        let name = name.to_string_lossy();
        assert!(
            runbook.contains(&format!("steps/{name}")),
            "{name} is not in the runbook"
        );
    }
    for (scenario, ..) in TABLE {
        assert!(
            runbook.contains(&format!("`{scenario}` |")),
            "{scenario} is not in the runbook's table"
        );
    }
}
