//! What leaves the process as it is, and whether what is hidden is hidden alike after a restart.

use super::Check;
use crate::{
    config::{BackendKind, Config},
    tenancy::redaction::Kind,
};

/// Looks at what is hidden from the backends that are outside.
pub(super) fn examine(config: &Config) -> Option<Check> {
    let outside = |kind: &BackendKind| !matches!(kind, BackendKind::Local(_));
    if !config.backends.iter().any(|backend| outside(&backend.kind)) {
        return None;
    }
    let what = "redaction";
    let policy = &config.redaction.default;
    let named = &config.redaction.named;
    let mut open: Vec<&str> = named
        .iter()
        .filter(|(_, policy)| !policy.enabled)
        .map(|(tenant, _)| tenant.as_str())
        .collect();
    open.sort_unstable();
    if !policy.enabled {
        open.insert(0, "every tenant that has no rule of its own");
    }
    if !open.is_empty() {
        let found = format!("off for {}: their text leaves as it is", open.join(", "));
        let fix = "set `tenancy.redaction.enabled = true`, unless their contracts allow this";
        return Some(Check::warning(what, found, fix));
    }
    let kinds = Kind::ALL.into_iter().filter(|kind| policy.kinds.contains(*kind));
    let kinds: Vec<_> = kinds.map(Kind::name).collect();
    let found = format!("hides {} and {} lists", kinds.join(", "), policy.lists.len());
    if config.redaction.secret_file.is_none() {
        let found = format!("{found}, with a secret that ends with this process");
        let fix =
            "set `tenancy.redaction.secret_file`, so that stand-ins stay the same and caches upstream warm";
        return Some(Check::warning(what, found, fix));
    }
    Some(Check::good(what, found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Sources, load};

    fn check(rules: &str) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let (key, file) = (folder.path().join("key"), folder.path().join("c.toml"));
        std::fs::write(&key, "0123456789abcdef0123456789abcdef").unwrap();
        let azure = format!(
            "[[backends]]\nname = \"azure\"\nkind = \"azure\"\nendpoint = \"https://x.openai.azure.com\"\ndeployment = \"d\"\n\
             api_key_file = {key:?}\n{}",
            rules.replace("KEY", &format!("{key:?}"))
        );
        std::fs::write(&file, azure).unwrap();
        let sources = Sources {
            file: Some(file),
            ..Sources::default()
        };
        let check = examine(&load(&sources).unwrap().config)?;
        Some(format!(
            "{}: {} {}",
            check.status.as_str(),
            check.found,
            check.fix
        ))
    }

    #[test]
    fn what_leaves_as_it_is_is_said() {
        let lasting = check("[tenancy.redaction]\nsecret_file = KEY\n").unwrap();
        assert!(lasting.starts_with("ok: hides email, phone"), "{lasting}");
        let passing = check("").unwrap();
        assert!(passing.contains("secret_file"), "{passing}");
        let open = check("[[tenants]]\nname = \"acme\"\nredaction = { enabled = false }\n").unwrap();
        assert!(open.starts_with("warning: off for acme"), "{open}");
        let all = check("[tenancy.redaction]\nenabled = false\n").unwrap();
        assert!(all.contains("every tenant"), "{all}");
        assert!(
            examine(&load(&Sources::default()).unwrap().config).is_none(),
            "nothing leaves"
        );
    }
}
