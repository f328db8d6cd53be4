//! The bill of materials of the program that ships, in `CycloneDX`'s format: every crate that is compiled into it, with version, licence,
//! checksum and what it depends on; and the model inside.
//!
//! Made of what cargo resolved and of `Cargo.lock`, so it needs no network and no scanner, which would find nothing in a stripped program.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    fs,
    path::Path,
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::{
    command::{self, Show},
    tally::Tally,
    workspace::Workspace,
};

const LIMIT: Duration = Duration::from_mins(10);
/// What ships.
const PROGRAM: &str = "mcp-server";
/// The model inside it.
const MODEL: &str = "models/bundled/b2xgate-bundled-q8_0.gguf";
const TARGET: &str = "x86_64-unknown-linux-gnu";
/// Says whether a bill has the shape that the standard asks for.
const VALIDATE: &str = "import sys\n\
    from cyclonedx.schema import SchemaVersion\n\
    from cyclonedx.validation.json import JsonStrictValidator\n\
    sys.exit(JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read()))\n";

/// Writes it into a file.
pub(crate) fn write(workspace: &Workspace, file: &Path, target: Option<&str>) -> Result<()> {
    let bill = bill(workspace, target.unwrap_or(TARGET))?;
    let count = bill["components"].as_array().map_or(0, Vec::len);
    fs::write(file, format!("{bill:#}\n")).with_context(|| format!("cannot write {}", file.display()))?;
    println!("{}: {PROGRAM} and {count} components", file.display());
    Ok(())
}

/// Holds a fresh one to the standard's schema and to `Cargo.lock`.
pub(crate) fn check(workspace: &Workspace) -> Result<Tally> {
    let file = workspace.own_folder("sbom")?.join("mcp-server.cdx.json");
    write(workspace, &file, None)?;
    let python = workspace.own_folder("checkov")?.join("bin/python");
    let mut validate = Command::new(python);
    command::run(validate.args(["-c", VALIDATE]).arg(&file), LIMIT, Show::Nothing)
        .context("it is not what CycloneDX 1.6 asks for")?;
    let bill: Value = serde_json::from_str(&fs::read_to_string(&file)?)?;
    let lock = Lock::read(workspace)?;
    let components = bill["components"].as_array().context("it has no components")?;
    let mut names = BTreeSet::new();
    for component in components.iter().filter(|one| one["type"] == "library") {
        let name = component["name"].as_str().context("a component without name")?;
        names.insert(name);
        let version = component["version"].as_str().unwrap_or_default();
        let known = lock.checksums.get(&(name.to_owned(), version.to_owned()));
        let known = known.with_context(|| format!("{name} {version} is not in Cargo.lock"))?;
        ensure!(
            known.as_deref() == component["hashes"][0]["content"].as_str(),
            "{name} {version}: another checksum than in Cargo.lock"
        );
        ensure!(component["licenses"].is_array(), "{name} {version}: no licence");
    }
    for (name, wanted) in [
        ("inference", true),
        ("rmcp", true),
        ("candle-core", true),
        ("tests", false),
        ("criterion", false),
    ] {
        ensure!(
            names.contains(name) == wanted,
            "is {name} in the program? {}",
            !wanted
        );
    }
    Ok(Tally::one())
}

/// Checksums by name and version; none for crates of ours.
struct Lock {
    checksums: BTreeMap<(String, String), Option<String>>,
}

impl Lock {
    fn read(workspace: &Workspace) -> Result<Self> {
        let text = fs::read_to_string(workspace.root.join("Cargo.lock")).context("cannot read Cargo.lock")?;
        let lock: toml::Table = text.parse().context("Cargo.lock")?;
        let packages = lock.get("package").and_then(toml::Value::as_array);
        let text = |package: &toml::Value, key: &str| package.get(key)?.as_str().map(str::to_owned);
        let entries = packages.context("Cargo.lock lists no packages")?.iter();
        let checksums = entries
            .filter_map(|package| {
                let key = (text(package, "name")?, text(package, "version")?);
                Some((key, text(package, "checksum")))
            })
            .collect();
        Ok(Self { checksums })
    }
}

fn bill(workspace: &Workspace, target: &str) -> Result<Value> {
    let mut bill = of_metadata(&workspace.resolved([target])?, &Lock::read(workspace)?)?;
    let components = bill["components"]
        .as_array_mut()
        .context("there are components")?;
    components.push(bundled_model(workspace)?);
    Ok(bill)
}

/// The model inside the program.
fn bundled_model(workspace: &Workspace) -> Result<Value> {
    let mut sum = Command::new("sha256sum");
    sum.arg(workspace.root.join(MODEL));
    let lines = command::run(&mut sum, LIMIT, Show::Nothing)?;
    let sha256 = lines.first().and_then(|line| line.split(' ').next());
    Ok(json!({
        "type": "machine-learning-model", "name": "bundled", "bom-ref": MODEL,
        "licenses": [{"expression": "Apache-2.0"}],
        "hashes": [{"alg": "SHA-256", "content": sha256.context("sha256sum printed nothing")?}],
    }))
}

/// The bill of what cargo resolved.
fn of_metadata(metadata: &Value, lock: &Lock) -> Result<Value> {
    let by_id = |list: &Value| -> BTreeMap<String, Value> {
        let entries = list.as_array().into_iter().flatten();
        entries
            .filter_map(|entry| Some((entry["id"].as_str()?.to_owned(), entry.clone())))
            .collect()
    };
    let packages = by_id(&metadata["packages"]);
    let nodes = by_id(&metadata["resolve"]["nodes"]);
    let root = packages
        .iter()
        .find(|(_, package)| package["name"] == PROGRAM)
        .map(|(id, _)| id.clone())
        .with_context(|| format!("there is no package {PROGRAM}"))?;
    let mut reached = BTreeMap::new();
    let mut waiting = vec![root.clone()];
    while let Some(id) = waiting.pop() {
        if let Entry::Vacant(place) = reached.entry(id) {
            let below = compiled_in(&nodes[place.key()]);
            waiting.extend(below.iter().cloned());
            place.insert(below);
        }
    }
    let purls: BTreeMap<&String, String> = reached.keys().map(|id| (id, purl(&packages[id]))).collect();
    let components = reached.keys().filter(|id| **id != root);
    let components = components.map(|id| component(&packages[id], lock, "library"));
    let dependencies = reached.iter().map(|(id, below)| {
        let below: BTreeSet<&String> = below.iter().map(|id| &purls[id]).collect();
        json!({"ref": purls[id], "dependsOn": below})
    });
    Ok(json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": component(&packages[&root], lock, "application")},
        "components": components.collect::<Vec<_>>(),
        "dependencies": dependencies.collect::<Vec<_>>(),
    }))
}

/// Packages that this one is compiled with: macros too, whose code is in it; not those of tests and of build scripts.
fn compiled_in(node: &Value) -> Vec<String> {
    let below = node["deps"].as_array().into_iter().flatten();
    below
        .filter(|one| {
            let mut kinds = one["dep_kinds"].as_array().into_iter().flatten();
            kinds.any(|kind| kind["kind"].is_null())
        })
        .filter_map(|one| one["pkg"].as_str().map(str::to_owned))
        .collect()
}

fn purl(package: &Value) -> String {
    let text = |key: &str| package[key].as_str().unwrap_or_default();
    // A version may have a plus sign, which means a blank in one.
    format!(
        "pkg:cargo/{}@{}",
        text("name"),
        text("version").replace('+', "%2B")
    )
}

fn component(package: &Value, lock: &Lock, kind: &str) -> Value {
    let text = |key: &str| package[key].as_str().unwrap_or_default();
    let (name, version) = (text("name"), text("version"));
    let mut made = json!({
        "type": kind, "name": name, "version": version, "purl": purl(package), "bom-ref": purl(package),
    });
    if let Some(licence) = package["license"].as_str() {
        // An older way to write "or", which the standard does not know.
        let expression = licence.replace(" / ", " OR ").replace('/', " OR ");
        made["licenses"] = json!([{"expression": expression}]);
    }
    let checksum = lock.checksums.get(&(name.to_owned(), version.to_owned()));
    if let Some(Some(checksum)) = checksum {
        made["hashes"] = json!([{"alg": "SHA-256", "content": checksum}]);
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compiled_in_is_listed_and_what_only_tests_or_builds_is_not() {
        let package = |name: &str, licence: &str| json!({"id": name, "name": name, "version": "1.0.0+a", "license": licence});
        let dependency = |name: &str, kind: Value| json!({"pkg": name, "dep_kinds": [{"kind": kind}]});
        let metadata = json!({
            "packages": [
                package(PROGRAM, "Apache-2.0"), package("used", "MIT/Apache-2.0"), package("deep", "MIT"),
                package("tester", "MIT"), package("builder", "MIT"), package("other", "MIT"),
            ],
            "resolve": {"nodes": [
                {"id": PROGRAM, "deps": [
                    dependency("used", Value::Null), dependency("tester", json!("dev")), dependency("builder", json!("build")),
                ]},
                {"id": "used", "deps": [dependency("deep", Value::Null)]},
                {"id": "deep", "deps": []}, {"id": "tester", "deps": []}, {"id": "builder", "deps": []}, {"id": "other", "deps": []},
            ]},
        });
        let key = ("used".to_owned(), "1.0.0+a".to_owned());
        let lock = Lock {
            checksums: BTreeMap::from([(key, Some("ab".to_owned()))]),
        };
        let bill = of_metadata(&metadata, &lock).unwrap();
        let names: Vec<&Value> = bill["components"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["name"])
            .collect();
        assert_eq!(names, ["deep", "used"]);
        let used = &bill["components"][1];
        assert_eq!(used["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(used["hashes"][0]["content"], "ab");
        assert_eq!(used["purl"], "pkg:cargo/used@1.0.0%2Ba");
        assert_eq!(bill["metadata"]["component"]["name"], PROGRAM);
        let of_used = bill["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["ref"] == used["purl"]);
        assert_eq!(of_used.unwrap()["dependsOn"], json!(["pkg:cargo/deep@1.0.0%2Ba"]));
    }
}
