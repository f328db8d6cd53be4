//! Checks every dependency against `deny.toml`: its licence, whether it is banned, where it comes from.
//!
//! `deny.toml` is in the format of cargo-deny, and `cargo deny check bans licenses sources` reads it as well.
//! The check is our own because compiling cargo-deny takes longer than compiling this workspace, and the
//! builds of it that `PyPI` offers cannot read this edition. Security advisories are not checked here: their
//! database lies outside the package registries.

mod licence;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{tally::Tally, workspace::Workspace};

/// Checks every dependency of every target we ship for.
pub(crate) fn run(workspace: &Workspace) -> Result<Tally> {
    let text = fs::read_to_string(workspace.root.join("deny.toml")).context("cannot read deny.toml")?;
    let rules = Rules::read(&text).context("deny.toml")?;
    let crates = read_crates(&workspace.resolved(rules.targets.iter().map(String::as_str))?)?;
    let problems = check(&rules, &crates);
    println!("{} crates checked", crates.len());
    for problem in &problems {
        println!("{problem}");
    }
    ensure!(
        problems.is_empty(),
        "{} of {} crates break deny.toml",
        problems.len(),
        crates.len()
    );
    Ok(Tally::one())
}

/// What `deny.toml` says.
struct Rules {
    targets: Vec<String>,
    licences: BTreeSet<String>,
    /// Licences that one crate may have besides.
    exceptions: BTreeMap<String, BTreeSet<String>>,
    /// Banned crates, each with those that may depend on it all the same.
    banned: BTreeMap<String, Vec<String>>,
    registries: Vec<String>,
}

impl Rules {
    fn read(text: &str) -> Result<Self> {
        let file: toml::Table = text.parse()?;
        let section = |name: &str| {
            let section = file.get(name).and_then(toml::Value::as_table);
            section.with_context(|| format!("the section [{name}] is missing"))
        };
        let mut rules = Self {
            targets: strings(section("graph")?, "targets")?,
            licences: strings(section("licenses")?, "allow")?.into_iter().collect(),
            exceptions: BTreeMap::new(),
            banned: BTreeMap::new(),
            registries: strings(section("sources")?, "allow-registry")?,
        };
        for entry in tables(section("licenses")?, "exceptions")? {
            rules
                .exceptions
                .insert(crate_of(entry)?, strings(entry, "allow")?.into_iter().collect());
        }
        for entry in tables(section("bans")?, "deny")? {
            let wrappers = if entry.contains_key("wrappers") {
                strings(entry, "wrappers")?
            } else {
                Vec::new()
            };
            rules.banned.insert(crate_of(entry)?, wrappers);
        }
        Ok(rules)
    }
}

fn strings(table: &toml::Table, key: &str) -> Result<Vec<String>> {
    let array = table.get(key).and_then(toml::Value::as_array);
    let array = array.with_context(|| format!("`{key}` must be a list of strings"))?;
    let strings: Option<Vec<_>> = array
        .iter()
        .map(|value| value.as_str().map(str::to_owned))
        .collect();
    strings.with_context(|| format!("`{key}` must be a list of strings"))
}

fn tables<'a>(table: &'a toml::Table, key: &str) -> Result<Vec<&'a toml::Table>> {
    let Some(value) = table.get(key) else {
        return Ok(Vec::new());
    };
    let array = value.as_array().map(|array| {
        array
            .iter()
            .map(toml::Value::as_table)
            .collect::<Option<Vec<_>>>()
    });
    array
        .flatten()
        .with_context(|| format!("`{key}` must be a list of tables"))
}

fn crate_of(entry: &toml::Table) -> Result<String> {
    let name = entry
        .get("crate")
        .and_then(toml::Value::as_str)
        .context("an entry names no `crate`")?;
    Ok(name.to_owned())
}

/// One crate of the dependency graph.
struct Crate {
    name: String,
    version: String,
    licence: Option<String>,
    /// `None` for our own.
    source: Option<String>,
    /// Who depends on it.
    parents: BTreeSet<String>,
}

fn read_crates(metadata: &Value) -> Result<Vec<Crate>> {
    let list = |value: &'_ Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut names = BTreeMap::new();
    for package in list(&metadata["packages"]) {
        names.insert(text(&package["id"]).context("a package without id")?, package);
    }
    let name_of = |id: &Value| names.get(id.as_str()?).and_then(|package| text(&package["name"]));
    let mut parents: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let nodes = list(&metadata["resolve"]["nodes"]);
    for node in &nodes {
        for dependency in list(&node["deps"]) {
            let id = text(&dependency["pkg"]).context("a dependency without id")?;
            parents.entry(id).or_default().extend(name_of(&node["id"]));
        }
    }
    let mut crates = Vec::new();
    for node in &nodes {
        let id = text(&node["id"]).context("a node without id")?;
        let package = names.get(&id).with_context(|| format!("no package {id}"))?;
        crates.push(Crate {
            name: text(&package["name"]).context("a package without name")?,
            version: text(&package["version"]).unwrap_or_default(),
            licence: text(&package["license"]),
            source: text(&package["source"]),
            parents: parents.remove(&id).unwrap_or_default(),
        });
    }
    Ok(crates)
}

fn check(rules: &Rules, crates: &[Crate]) -> Vec<String> {
    let mut problems = Vec::new();
    for one in crates {
        let name = format!("{} {}", one.name, one.version);
        let excepted = rules.exceptions.get(&one.name);
        let allowed = |licence: &str| {
            rules.licences.contains(licence) || excepted.is_some_and(|more| more.contains(licence))
        };
        match one
            .licence
            .as_deref()
            .map(|expression| licence::is_met(expression, &allowed))
        {
            Some(Ok(true)) => {}
            Some(Ok(false)) => {
                let expression = one.licence.as_deref().unwrap_or_default();
                problems.push(format!(
                    "{name}: its licence, {expression}, is not among those that deny.toml allows"
                ));
            }
            Some(Err(reason)) => problems.push(format!("{name}: its licence cannot be read: {reason}")),
            None => problems.push(format!("{name}: it names no licence")),
        }
        if let Some(wrappers) = rules.banned.get(&one.name) {
            for parent in one.parents.iter().filter(|parent| !wrappers.contains(parent)) {
                problems.push(match wrappers.as_slice() {
                    [] => format!("{name}: banned, and {parent} depends on it"),
                    some => format!(
                        "{name}: {parent} may not depend on it, only {} may",
                        some.join(", ")
                    ),
                });
            }
        }
        if let Some(source) = &one.source
            && !rules
                .registries
                .iter()
                .any(|registry| source.strip_prefix("registry+") == Some(registry))
        {
            problems.push(format!(
                "{name}: it comes from {source}, which deny.toml does not allow"
            ));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = r#"
        [graph]
        targets = ["x86_64-unknown-linux-gnu"]
        [licenses]
        allow = ["MIT"]
        exceptions = [{ crate = "odd", allow = ["Zlib"] }]
        [bans]
        deny = [{ crate = "openssl" }, { crate = "axum", wrappers = ["mcp-server"] }]
        [sources]
        allow-registry = ["https://good"]
    "#;

    fn one(name: &str, licence: &str, source: &str, parent: &str) -> Crate {
        Crate {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            licence: Some(licence.to_owned()),
            source: Some(source.to_owned()),
            parents: BTreeSet::from([parent.to_owned()]),
        }
    }

    #[test]
    fn each_rule_is_applied() {
        let good = "registry+https://good";
        let cases = [
            (one("serde", "MIT OR Apache-2.0", good, "models"), None),
            (one("serde", "GPL-3.0-only", good, "models"), Some("licence")),
            (one("odd", "Zlib", good, "models"), None),
            (one("even", "Zlib", good, "models"), Some("licence")),
            (one("openssl", "MIT", good, "reqwest"), Some("banned")),
            (one("axum", "MIT", good, "mcp-server"), None),
            (one("axum", "MIT", good, "inference"), Some("only mcp-server may")),
            (
                one("serde", "MIT", "git+https://good", "models"),
                Some("comes from"),
            ),
            (
                one("serde", "MIT", "registry+https://bad", "models"),
                Some("comes from"),
            ),
        ];
        let rules = Rules::read(RULES).unwrap();
        for (one, wanted) in cases {
            let problems = check(&rules, std::slice::from_ref(&one));
            match wanted {
                None => assert!(problems.is_empty(), "{problems:?}"),
                Some(part) => {
                    assert!(
                        problems.len() == 1 && problems[0].contains(part),
                        "{}: {problems:?}",
                        one.name
                    );
                }
            }
        }
    }

    #[test]
    fn a_crate_without_a_licence_is_refused() {
        let nameless = Crate {
            licence: None,
            source: None,
            ..one("mine", "", "", "root")
        };
        assert_eq!(check(&Rules::read(RULES).unwrap(), &[nameless]).len(), 1);
    }

    #[test]
    fn a_missing_section_is_named() {
        let error = Rules::read("[graph]\ntargets = []").err().unwrap().to_string();
        assert!(error.contains("licenses"), "{error}");
    }
}
