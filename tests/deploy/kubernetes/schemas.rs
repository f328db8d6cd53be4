//! Strict schemas: Kubernetes' own by `kubernetes-validate`; those of `schemas/` for custom resources, made of the projects' own
//! definitions; and what we hold these to beyond, in `schemas/beyond.yaml`.

use std::{collections::BTreeMap, path::Path, sync::OnceLock};

use jsonschema::Validator;
use serde_json::Value;

use super::render;
use crate::{
    documents::{self, title},
    tools,
};

/// What is wrong with each of several lists of documents: each is named, and comes back under its name if it is at fault.
pub(crate) fn faults(named: &[(String, Vec<Value>)]) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut validate = tools::tool("kubernetes-validate");
    validate
        .args(["--strict", "--no-warn", "--kubernetes-version", "1.37.0"])
        .current_dir(folder.path());
    let mut files = Vec::new();
    for (index, (name, documents)) in named.iter().enumerate() {
        let (custom, own): (Vec<&Value>, Vec<&Value>) =
            documents.iter().partition(|document| is_custom(document));
        found
            .entry(name.clone())
            .or_default()
            .extend(custom.into_iter().flat_map(custom_faults));
        // JSON is YAML; several documents are separated as there.
        let text: Vec<String> = own.iter().map(ToString::to_string).collect();
        let file = format!("{index}.yaml");
        std::fs::write(folder.path().join(&file), text.join("\n---\n")).expect("a writable folder");
        validate.arg(&file);
        files.push((file, name, own.len()));
    }
    let output = tools::end(&mut validate);
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!text.contains("Traceback"), "the validator fell: {text}");
    for (file, name, count) in files {
        let lines = || {
            text.lines()
                .filter(|line| line.split(' ').nth(1) == Some(file.as_str()))
        };
        let errors = lines()
            .filter(|line| line.starts_with("ERROR"))
            .map(str::to_owned);
        let list = found.entry(name.clone()).or_default();
        list.extend(errors);
        let read = lines()
            .filter(|line| line.starts_with("INFO") || line.starts_with("ERROR"))
            .count();
        if read < count {
            list.push(format!("{read} of {count} documents were judged:\n{text}"));
        }
    }
    found.retain(|_, faults| !faults.is_empty());
    found
}

fn is_custom(document: &Value) -> bool {
    document["kind"]
        .as_str()
        .is_some_and(|kind| validators().contains_key(kind))
}

/// What judges an object of each custom kind: the schema of the whole, and what its `spec` is held to beyond.
fn validators() -> &'static BTreeMap<String, (Validator, Option<Validator>)> {
    static VALIDATORS: OnceLock<BTreeMap<String, (Validator, Option<Validator>)>> = OnceLock::new();
    let make = |schema: &Value| jsonschema::validator_for(schema).expect("schemas are schemas");
    VALIDATORS.get_or_init(|| {
        let folder = tools::root().join("tests/deploy/schemas");
        let read = |path: &Path| std::fs::read_to_string(path).expect("a file of schemas");
        let beyond = documents::read(&read(&folder.join("beyond.yaml"))).remove(0);
        let files = std::fs::read_dir(&folder).expect("schemas");
        let paths = files.map(|file| file.expect("a schema").path());
        let schemas = paths.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
        let validators: BTreeMap<_, _> = schemas
            .map(|path| {
                let schema: Value = serde_json::from_str(&read(&path)).expect("schemas are JSON");
                let kind = path.file_stem().expect("a kind").to_string_lossy().into_owned();
                let beyond = beyond.get(&kind).map(make);
                (kind, (make(&schema), beyond))
            })
            .collect();
        for kind in beyond.as_object().expect("kinds").keys() {
            assert!(validators.contains_key(kind), "there is no kind {kind}");
        }
        validators
    })
}

fn custom_faults(document: &Value) -> Vec<String> {
    let kind = document["kind"].as_str().expect("custom kinds are texts");
    let (schema, beyond) = &validators()[kind];
    let whole = schema.iter_errors(document);
    let further = beyond
        .iter()
        .flat_map(|beyond| beyond.iter_errors(&document["spec"]));
    whole
        .chain(further)
        .map(|error| format!("{} at {}: {error}", title(document), error.instance_path()))
        .collect()
}

#[test]
fn everything_that_is_rendered_fits_strict_schemas() {
    let mut named: Vec<_> = render::everything()
        .into_iter()
        .map(|name| (name.clone(), render::rendered(&name)))
        .collect();
    named.push(("secrets".to_owned(), render::kustomize("secrets/cert-manager")));
    let faults = faults(&named);
    assert!(faults.is_empty(), "{faults:#?}");
}
