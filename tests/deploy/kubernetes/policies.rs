//! The rules of the house, on their fixtures and on everything that is rendered.

use std::collections::BTreeSet;

use super::{
    render,
    rules::{self, RULES},
};
use crate::{documents, tools};

#[test]
fn each_rule_passes_its_good_file_and_fails_its_bad_one() {
    for rule in RULES {
        let read = |file: &str| documents::read(&tools::read(&format!("policies/{}/{file}.yaml", rule.name)));
        let good = (rule.breaches)(&read("passes"));
        assert!(good.is_empty(), "{}: {good:?}", rule.name);
        assert!(
            !(rule.breaches)(&read("fails")).is_empty(),
            "{} lets its bad file pass",
            rule.name
        );
    }
}

#[test]
fn every_folder_of_policies_is_a_rule_and_is_explained() {
    let folders: BTreeSet<String> = std::fs::read_dir(tools::deploy("policies"))
        .expect("policies")
        .filter_map(|entry| entry.ok().filter(|entry| entry.path().is_dir()))
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let rules: BTreeSet<String> = RULES.iter().map(|rule| rule.name.to_owned()).collect();
    assert_eq!(folders, rules);
    let explained = tools::read("policies/README.md");
    for rule in rules {
        assert!(
            explained.contains(&format!("| [`{rule}`]({rule}) |")),
            "{rule} is not explained"
        );
    }
}

#[test]
fn everything_that_is_rendered_keeps_every_rule() {
    for name in render::everything() {
        // Overlays alone say which image; and one component is there to show what breaks a rule.
        let but: &[&str] = match name.as_str() {
            "production" | "staging" | "development" => &[],
            "+vpa-literal" => &["images-by-digest", "one-hand-on-each-resource"],
            _ => &["images-by-digest"],
        };
        let breaches = rules::breaches(&render::rendered(&name), but);
        assert!(breaches.is_empty(), "{name}: {breaches:#?}");
    }
}

#[test]
fn the_literal_pair_of_autoscalers_breaks_the_rule_that_it_is_there_to_show() {
    let breaches = rules::breaches(&render::rendered("+vpa-literal"), &["images-by-digest"]);
    for part in ["moves cpu", "moves memory", "moves limits", "deprecated"] {
        assert!(
            breaches.iter().any(|breach| breach.contains(part)),
            "{part}: {breaches:?}"
        );
    }
}
