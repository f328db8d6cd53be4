//! Rules and dashboards, read from `deploy/observability`.

use std::path::PathBuf;

use serde_json::Value;

use crate::{documents, tools};

/// One expression, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Query {
    pub(super) place: String,
    pub(super) expression: String,
}

/// One rule of Prometheus.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) file: String,
    pub(super) json: Value,
}

impl Rule {
    pub(super) fn alert(&self) -> Option<&str> {
        self.json["alert"].as_str()
    }

    pub(super) fn record(&self) -> Option<&str> {
        self.json["record"].as_str()
    }

    pub(super) fn query(&self) -> Query {
        let name = self.alert().or(self.record()).unwrap_or("?");
        Query {
            place: format!("{} of {}", name, self.file),
            expression: text(&self.json["expr"]),
        }
    }
}

/// Files of a folder of `deploy/observability` with this ending, in the order of their names.
pub(super) fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let folder = tools::deploy("observability").join(folder);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a folder can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == ending))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    files
}

/// A YAML file with one document.
pub(super) fn yaml(path: &std::path::Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut documents = documents::read(&text);
    assert_eq!(documents.len(), 1, "{} has one document", path.display());
    documents.remove(0)
}

/// The name of a file.
pub(super) fn name(path: &std::path::Path) -> String {
    let name = path.file_name().expect("a file has a name");
    name.to_string_lossy().into_owned()
}

/// Every rule of every file.
pub(super) fn rules() -> Vec<Rule> {
    let mut rules = Vec::new();
    for path in files("prometheus/rules", "yaml") {
        for group in items(&yaml(&path)["groups"]) {
            rules.extend(items(&group["rules"]).into_iter().map(|json| Rule {
                file: name(&path),
                json,
            }));
        }
    }
    rules
}

/// Every query of every dashboard.
pub(super) fn dashboard_queries() -> Vec<Query> {
    let mut queries = Vec::new();
    for path in files("grafana/dashboards", "json") {
        let text = std::fs::read_to_string(&path).expect("a dashboard can be read");
        let dashboard: Value = serde_json::from_str(&text).expect("a dashboard is JSON");
        for panel in items(&dashboard["panels"]) {
            queries.extend(items(&panel["targets"]).iter().map(|target| Query {
                place: format!("{} of {}", panel["title"], name(&path)),
                expression: self::text(&target["expr"]),
            }));
        }
    }
    queries
}

/// The elements of an array, or none.
pub(super) fn items(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// A text, or nothing.
pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// What the cluster gets is what is tested: each file is in a `ConfigMap`, word for word.
#[test]
fn every_file_is_in_a_config_map() {
    let folder = tools::deploy("observability");
    let rendered = documents::read(&tools::run(tools::tool("kubectl").arg("kustomize").arg(&folder)));
    let mut held = std::collections::BTreeMap::new();
    for map in documents::of_kind(&rendered, "ConfigMap") {
        for (name, text) in map["data"].as_object().into_iter().flatten() {
            assert!(
                held.insert(name.clone(), self::text(text)).is_none(),
                "{name} is there twice"
            );
        }
    }
    for (folder, ending) in [
        ("prometheus", "yaml"),
        ("prometheus/rules", "yaml"),
        ("alertmanager", "yaml"),
        ("collector", "yaml"),
        ("grafana/provisioning", "yaml"),
        ("grafana/dashboards", "json"),
    ] {
        for path in files(folder, ending) {
            let text = std::fs::read_to_string(&path).expect("a file can be read");
            assert_eq!(
                held.get(&name(&path)),
                Some(&text),
                "{} is not in a ConfigMap",
                path.display()
            );
        }
    }
}
