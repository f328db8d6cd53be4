//! Runbooks: each alert has its page, each page its alert and the four parts that somebody woken at night needs.

use std::collections::BTreeSet;

use super::artefacts::{self, text};
use crate::tools;

const PARTS: [&str; 4] = [
    "## What it means",
    "## First look",
    "## What to do",
    "## When to escalate",
];

#[test]
fn each_alert_has_a_runbook_and_says_where() {
    let mut pages = BTreeSet::new();
    for rule in artefacts::rules() {
        let Some(alert) = rule.alert() else { continue };
        let notes = &rule.json["annotations"];
        let link = text(&notes["runbook_url"]);
        assert!(
            link.ends_with(&format!("/docs/runbooks/{alert}.md")),
            "{alert}: {link}"
        );
        for note in ["summary", "description"] {
            assert!(!text(&notes[note]).is_empty(), "{alert} has no {note}");
        }
        let dashboard = text(&notes["dashboard"]);
        let path = format!("observability/grafana/dashboards/{dashboard}.json");
        assert!(tools::deploy(&path).is_file(), "{alert}: there is no {path}");
        let page = tools::root().join(format!("docs/runbooks/{alert}.md"));
        let page =
            std::fs::read_to_string(&page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
        assert!(
            page.starts_with(&format!("# {alert}\n")),
            "{alert}: the page has another title"
        );
        for part in PARTS {
            assert!(page.contains(part), "{alert}: the page lacks `{part}`");
        }
        pages.insert(format!("{alert}.md"));
    }
    let folder = std::fs::read_dir(tools::root().join("docs/runbooks")).expect("there are runbooks");
    for entry in folder {
        let name = artefacts::name(&entry.expect("a folder can be listed").path());
        // Pages of other subjects, such as recovery, begin with a small letter.
        let of_an_alert = name.starts_with(|first: char| first.is_ascii_uppercase()) && name != "README.md";
        assert!(
            !of_an_alert || pages.contains(&name),
            "no alert has the page {name}"
        );
    }
}
