//! Which backends the tenants' rules shut out: an answer that never comes from Azure surprises its operator.

use inference::{Processing, TravelRule};

use super::Check;
use crate::config::{Backend, BackendKind, Config};

/// How many tenants are named in one line.
const NAMED: usize = 5;

/// Looks at each backend that leaves the process, beside every rule.
pub(super) fn examine(config: &Config) -> Vec<Check> {
    let remote = config.backends.iter().filter_map(|backend| {
        let processing = processing(backend)?;
        Some(examine_backend(backend, processing, config))
    });
    remote.collect()
}

fn processing(backend: &Backend) -> Option<Processing> {
    match &backend.kind {
        BackendKind::Azure(azure) => Some(azure.processing),
        BackendKind::OpenAi(server) => Some(server.processing),
        BackendKind::Local(_) => None,
    }
}

fn examine_backend(backend: &Backend, processing: Processing, config: &Config) -> Check {
    let what = format!("residency, {}", backend.name);
    let rules = &config.mcp.tenants;
    let mut shut_out: Vec<&str> = rules
        .named
        .iter()
        .filter(|(_, rule)| !rule.permits(processing))
        .map(|(name, _)| name.as_str())
        .collect();
    shut_out.sort_unstable();
    if !rules.default.permits(processing) {
        shut_out.insert(0, "every tenant that is not named");
    }
    if shut_out.is_empty() {
        return Check::good(what, "every tenant's text may go there");
    }
    let more = shut_out.len().saturating_sub(NAMED);
    shut_out.truncate(NAMED);
    let others = if more == 0 {
        String::new()
    } else {
        format!(" and {more} more")
    };
    let found = format!(
        "it processes {}, where text of {}{others} may not go: a local model or another backend answers them",
        place(processing),
        shut_out.join(", ")
    );
    let fix = match processing {
        Processing::Global if rules.default != TravelRule::default() || !rules.named.is_empty() => {
            "use a regional or data zone deployment (Azure's Global ones process anywhere), or loosen the rule in `tenancy` or `tenants`"
        }
        _ => "put a backend into the chain that they may use, or loosen the rule in `tenancy` or `tenants`",
    };
    Check::warning(what, found, fix)
}

fn place(processing: Processing) -> &'static str {
    match processing {
        Processing::InProcess => "in this process",
        Processing::Eu => "within the EU",
        Processing::Us => "within the US",
        Processing::Global => "anywhere",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Sources, load};

    fn checks(processing: &str, rules: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key");
        std::fs::write(&key, "k").unwrap();
        let file = folder.path().join("c.toml");
        let text = format!(
            "[[backends]]\nname = \"azure\"\nkind = \"azure\"\nendpoint = \"https://x.openai.azure.com\"\ndeployment = \"d\"\n\
             processing = \"{processing}\"\napi_key_file = {key:?}\n{rules}"
        );
        std::fs::write(&file, text).unwrap();
        let sources = Sources {
            file: Some(file),
            ..Sources::default()
        };
        let config = load(&sources).unwrap().config;
        let checks = examine(&config);
        checks
            .into_iter()
            .map(|check| format!("{}: {} {}", check.status.as_str(), check.found, check.fix))
            .collect()
    }

    #[test]
    fn a_global_deployment_is_flagged_for_tenants_of_the_eu() {
        let eu = "[tenancy]\nresidency = \"eu\"\n";
        let found = checks("global", eu);
        assert!(
            found[0].starts_with("warning: it processes anywhere"),
            "{found:?}"
        );
        assert!(found[0].contains("data zone"), "{found:?}");
        assert!(checks("eu", eu)[0].starts_with("ok"));
        assert!(checks("global", "")[0].starts_with("ok"));
    }

    #[test]
    fn tenants_are_named_and_many_are_counted() {
        let tenant = |n: usize| format!("[[tenants]]\nname = \"t{n}\"\nleaves = \"nothing\"\n");
        let many = (0..9).map(tenant).collect::<Vec<_>>().concat();
        let found = checks("eu", &many);
        assert!(found[0].contains("t0, t1, t2, t3, t4 and 4 more"), "{found:?}");
    }
}
