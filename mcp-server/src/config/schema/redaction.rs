//! `[tenancy.redaction]` and `redaction` of one tenant: what does not leave the process.

use std::path::PathBuf;

use super::backends::{check_file, parse_path};
use crate::{
    config::reader::{Problem, Section},
    tenancy::redaction::{Kind, Kinds, List, Policy, is_label},
};

const MAX_LISTS: usize = 32;

/// Reads what is hidden. What is not written is as `default` has it; lists come on top of it.
pub(super) fn read_policy(section: &mut Section<'_>, default: &Policy) -> Policy {
    let enabled = section.flag("enabled", default.enabled);
    let kinds = read_kinds(section, default.kinds);
    let sections = section.sections("lists");
    if sections.len() > MAX_LISTS {
        section.problem(Problem {
            origin: section.origin().clone(),
            key: format!("{}.lists", section.path()),
            reason: format!("has {} entries", sections.len()),
            fix: format!("keep at most {MAX_LISTS}"),
        });
    }
    let own: Vec<List> = sections.into_iter().filter_map(read_list).collect();
    let lists = default.lists.iter().cloned().chain(own).collect();
    Policy {
        enabled,
        kinds,
        lists,
    }
}

/// Reads where the secret is.
pub(super) fn read_secret(section: &mut Section<'_>) -> Option<PathBuf> {
    let show = |path: &PathBuf| path.display().to_string();
    let file = section.text("secret_file", None, show, parse_path)?;
    check_file(section, file, "32 random bytes or more").ok()
}

fn read_kinds(section: &mut Section<'_>, default: Kinds) -> Kinds {
    let among = Kind::ALL.into_iter().filter(|kind| default.contains(*kind));
    let written = among.map(|kind| kind.name().to_owned()).collect();
    let Some(names) = section.located_texts("kinds", Some(written)) else {
        return default;
    };
    let mut kinds = Vec::new();
    for name in &names.value {
        match Kind::ALL.into_iter().find(|kind| kind.name() == name) {
            Some(kind) => kinds.push(kind),
            None => section.problem(names.problem(
                format!("names {name:?}, which is no kind of value"),
                format!("write of {}", Kind::ALL.map(Kind::name).join(", ")),
            )),
        }
    }
    Kinds::of(&kinds)
}

fn read_list(mut section: Section<'_>) -> Option<List> {
    let label = section.text("label", None, String::clone, |text| {
        if is_label(text) {
            Ok(text.to_owned())
        } else {
            Err((
                format!("is {text:?}"),
                "write 3 to 12 capital letters that say what the terms are, for example \"CUSTOMER\""
                    .to_owned(),
            ))
        }
    });
    if label.is_none() {
        section.missing(
            "label",
            "say what the terms are, for example \"CUSTOMER\" or \"PART\"",
        );
    }
    let show = |path: &PathBuf| path.display().to_string();
    let file = section.text("file", None, show, parse_path);
    if file.is_none() {
        section.missing("file", "name a file with one term a line");
    }
    let file = file.and_then(|file| check_file(&section, file, "one term a line").ok());
    section.finish();
    Some(List {
        label: label?.value,
        file: file?,
    })
}
