//! Checkov's findings on everything that it can read: what kustomize renders, the chart, the Dockerfile, terraform. Each is mended, or is in
//! `deploy/policies/checkov.yaml` with a reason.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    documents,
    kubernetes::{chart, render},
    tools::{self, deploy},
};

/// What is read besides, as it is.
const FOLDERS: [&str; 2] = ["container", "terraform"];
const RENDERED: [&str; 3] = [
    "platform/overlays/production",
    "platform/overlays/development",
    "secrets/cert-manager",
];

/// Everything that is to be judged, in one folder.
fn laid_out(folder: &Path) {
    let mut rendered: Vec<(String, Vec<Value>)> = ["production", "staging", "development", "+local-llm"]
        .iter()
        .map(|name| ((*name).to_owned(), render::rendered(name)))
        .collect();
    rendered.extend(RENDERED.map(|path| (path.replace('/', "-"), render::kustomize(path))));
    rendered.push(("chart".to_owned(), chart::with_everything()));
    for (name, documents) in rendered {
        fs::write(folder.join(format!("{name}.yaml")), text_of(&documents)).expect("a writable folder");
    }
    for name in FOLDERS {
        copy(&deploy(name), &folder.join(name));
    }
}

/// Documents as JSON, which is YAML.
fn text_of(documents: &[Value]) -> String {
    let texts: Vec<String> = documents.iter().map(ToString::to_string).collect();
    texts.join("\n---\n")
}

/// A temporary folder that is not hidden, as they usually are: checkov passes hidden ones by.
fn visible_folder() -> TempDir {
    let folder = tempfile::Builder::new().prefix("rendered-").tempdir();
    folder.expect("a temporary folder")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a writable folder");
    for entry in fs::read_dir(from).expect("a folder of deploy/") {
        let (path, name) = entry
            .map(|entry| (entry.path(), entry.file_name()))
            .expect("an entry");
        if path.is_dir() {
            // Mocked plans are no infrastructure, and terraform's own folders are others' files.
            if name != "tests" && name != ".terraform" {
                copy(&path, &to.join(name));
            }
        } else {
            fs::copy(&path, to.join(name)).expect("a writable folder");
        }
    }
}

/// What checkov says of a folder, a value for each kind of files.
fn judged(folder: &Path) -> Vec<Value> {
    let mut checkov = tools::checkov();
    checkov.arg("--directory").arg(folder);
    checkov.args(["--framework", "kubernetes", "dockerfile", "terraform"]);
    checkov.args([
        "--output",
        "json",
        "--quiet",
        "--compact",
        "--skip-download",
        "--soft-fail",
    ]);
    let text = tools::run(&mut checkov);
    match serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")) {
        Value::Array(all) => all,
        one => vec![one],
    }
}

/// Check and resource of each finding.
fn findings(judged: &[Value]) -> BTreeSet<(String, String)> {
    let failed = judged
        .iter()
        .flat_map(|kind| kind["results"]["failed_checks"].as_array().into_iter().flatten());
    failed
        .map(|finding| {
            let text = |key: &str| finding[key].as_str().expect("findings have it").to_owned();
            (text("check_id"), plain(&text("resource")))
        })
        .collect()
}

/// The resource without the modules that it was found through, and without its key in a list.
fn plain(resource: &str) -> String {
    let own = resource
        .find("azurerm_")
        .map_or(resource, |start| &resource[start..]);
    let own = own.split('[').next().unwrap_or_default();
    own.trim_matches(['/', '.']).to_owned()
}

fn is_meant(pattern: &str, resource: &str) -> bool {
    pattern
        .strip_suffix('*')
        .map_or(pattern == resource, |start| resource.starts_with(start))
}

/// Check, pattern of resources and reason of each exception.
fn exceptions() -> Vec<(String, String, String)> {
    let text = tools::read("policies/checkov.yaml");
    let entries = documents::read(&text).remove(0);
    let mut found = Vec::new();
    for entry in entries.as_array().expect("a list") {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        for resource in entry["resources"].as_array().expect("resources") {
            found.push((text(&entry["check"]), text(resource), text(&entry["reason"])));
        }
    }
    found
}

#[test]
fn each_finding_is_mended_or_excepted_with_a_reason_that_still_applies() {
    let folder = visible_folder();
    laid_out(folder.path());
    let judged = judged(folder.path());
    for (kind, least) in [("kubernetes", 150), ("dockerfile", 1), ("terraform", 80)] {
        let read = judged.iter().find(|one| one["check_type"] == kind);
        let count = read.and_then(|read| read["summary"]["resource_count"].as_u64());
        assert!(count >= Some(least), "{kind}: only {count:?} resources were read");
    }
    let (findings, exceptions) = (findings(&judged), exceptions());
    for (check, resource) in &findings {
        let known = exceptions
            .iter()
            .any(|(known, pattern, _)| known == check && is_meant(pattern, resource));
        assert!(
            known,
            "{check} on {resource}: mend it, or write into deploy/policies/checkov.yaml why not"
        );
    }
    for (check, pattern, reason) in &exceptions {
        assert!(reason.split(' ').count() >= 5, "{check}: {reason:?} is no reason");
        assert!(
            findings
                .iter()
                .any(|(known, resource)| known == check && is_meant(pattern, resource)),
            "{check} is excepted for {pattern}, and finds nothing there"
        );
    }
}

#[test]
fn a_planted_slip_is_a_finding() {
    let folder = visible_folder();
    let mut documents = render::rendered("production");
    let workload = documents
        .iter_mut()
        .find(|document| document["kind"] == "Deployment");
    let container = &mut workload.expect("a workload")["spec"]["template"]["spec"]["containers"][0];
    container["securityContext"]["privileged"] = true.into();
    fs::write(folder.path().join("production.yaml"), text_of(&documents)).expect("a writable folder");
    fs::write(
        folder.path().join("Dockerfile"),
        "FROM debian:latest\nUSER root\n",
    )
    .expect("a writable folder");
    let found = findings(&judged(folder.path()));
    for (check, resource) in [
        ("CKV_K8S_16", "Deployment.b2x-application.mcp-server"),
        ("CKV_DOCKER_8", "Dockerfile"),
    ] {
        let found_it = found
            .iter()
            .any(|(known, where_)| known == check && where_.starts_with(resource));
        assert!(found_it, "{check} is not in {found:?}");
    }
}

#[test]
fn resources_are_told_by_their_own_name() {
    for (full, own) in [
        (
            "module.environment.module.ai[\"a\"].azurerm_cognitive_account.openai",
            "azurerm_cognitive_account.openai",
        ),
        (
            "azurerm_storage_container.state[\"global\"]",
            "azurerm_storage_container.state",
        ),
        ("/container/Dockerfile.", "container/Dockerfile"),
        ("Deployment.zone.app", "Deployment.zone.app"),
    ] {
        assert_eq!(plain(full), own);
    }
    assert!(
        is_meant("Deployment.*", "Deployment.zone.app") && !is_meant("Deployment", "Deployment.zone.app")
    );
}
