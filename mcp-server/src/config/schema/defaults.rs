//! Backends where none are configured: Azure from the environment, and the bundled model.

use crate::config::{
    AZURE_VARIABLES,
    node::{Node, Origin, Table, Value},
    reader::Problem,
};

use super::Environment;

/// Set where the cluster gives this process an identity.
const FEDERATED_TOKEN_FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";

/// Fills in backends where none are configured: Azure from the environment, and the bundled model.
pub(in crate::config) fn default_backends(
    table: &mut Table,
    environment: &Environment,
    problems: &mut Vec<Problem>,
) {
    if table.contains_key("backends") {
        return;
    }
    let text = |value: &str, origin: &Origin| Node {
        value: Value::Text(value.to_owned()),
        origin: origin.clone(),
    };
    let mut backends = Vec::new();
    let get = |name: &str| environment.get(name).filter(|value| !value.trim().is_empty());
    let missing: Vec<_> = AZURE_VARIABLES
        .into_iter()
        .filter(|name| get(name).is_none())
        .collect();
    let by_identity = get(FEDERATED_TOKEN_FILE).is_some();
    if missing.len() == AZURE_VARIABLES.len() {
        // None is set: the local model alone.
    } else if missing.is_empty() || (missing == [AZURE_VARIABLES[2]] && by_identity) {
        let credential = if missing.is_empty() {
            let variable = text(AZURE_VARIABLES[2], &Origin::Default);
            ("api_key_env".to_owned(), variable)
        } else {
            let identity = Node {
                value: Value::Table(Table::new()),
                origin: Origin::Environment(FEDERATED_TOKEN_FILE.to_owned()),
            };
            ("workload_identity".to_owned(), identity)
        };
        let mut entry = Table::from([
            ("name".to_owned(), text("azure", &Origin::Default)),
            ("kind".to_owned(), text("azure", &Origin::Default)),
            credential,
        ]);
        for (key, name) in [
            ("endpoint", AZURE_VARIABLES[0]),
            ("deployment", AZURE_VARIABLES[1]),
            ("model", "AZURE_OPENAI_MODEL"),
            ("api", "AZURE_OPENAI_API_VERSION"),
        ] {
            if let Some(value) = get(name) {
                entry.insert(
                    key.to_owned(),
                    text(value.trim(), &Origin::Environment(name.to_owned())),
                );
            }
        }
        backends.push(Node {
            value: Value::Table(entry),
            origin: Origin::Default,
        });
    } else {
        let set: Vec<_> = AZURE_VARIABLES
            .into_iter()
            .filter(|name| !missing.contains(name))
            .collect();
        problems.push(Problem {
            origin: Origin::Environment(set[0].to_owned()),
            key: String::new(),
            reason: format!("{} set, and {} not", are(&set), are(&missing)),
            fix: format!(
                "set {} as well, or unset {}",
                missing.join(" and "),
                set.join(" and ")
            ),
        });
    }
    let local = Table::from([
        ("name".to_owned(), text("local", &Origin::Default)),
        ("kind".to_owned(), text("local", &Origin::Default)),
    ]);
    backends.push(Node {
        value: Value::Table(local),
        origin: Origin::Default,
    });
    table.insert(
        "backends".to_owned(),
        Node {
            value: Value::List(backends),
            origin: Origin::Default,
        },
    );
}

fn are(names: &[&str]) -> String {
    format!(
        "{} {}",
        names.join(" and "),
        if names.len() == 1 { "is" } else { "are" }
    )
}
