//! `deploy/argocd`: every path exists and renders, waves are in order, autoscalers keep what they set, production stands still.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    documents::{find, of_kind, read, title},
    kubernetes::{render::kustomize, schemas},
    tools,
};

const ENVIRONMENTS: [&str; 3] = ["production", "staging", "development"];

fn wave(document: &Value) -> i64 {
    let wave = document["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"].as_str();
    wave.unwrap_or("0")
        .parse()
        .unwrap_or_else(|_| panic!("{} is in no wave", title(document)))
}

#[test]
fn everything_fits_strict_schemas() {
    let mut named: Vec<(String, Vec<Value>)> = Vec::new();
    for environment in ENVIRONMENTS {
        let mut documents = kustomize(&format!("argocd/{environment}"));
        documents.extend(read(&tools::read(&format!("argocd/start/{environment}.yaml"))));
        named.push((environment.to_owned(), documents));
    }
    let faults = schemas::faults(&named);
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_path_renders_and_is_the_environments_own() {
    for environment in ENVIRONMENTS {
        let rendered = kustomize(&format!("argocd/{environment}"));
        let root = &read(&tools::read(&format!("argocd/start/{environment}.yaml")))[0];
        for application in of_kind(&rendered, "Application").into_iter().chain([root]) {
            let Some(path) = application["spec"]["source"]["path"].as_str() else {
                continue;
            };
            let folder = path.strip_prefix("deploy/").expect("paths begin with deploy/");
            assert!(!kustomize(folder).is_empty(), "{path} renders to nothing");
            for other in ENVIRONMENTS.iter().filter(|&&other| other != environment) {
                assert!(!path.contains(other), "{environment} would get {path}");
            }
        }
    }
}

#[test]
fn kinds_come_before_what_uses_them() {
    let rendered = kustomize("argocd/production");
    let waves: BTreeMap<&str, i64> = rendered
        .iter()
        .map(|document| {
            (
                document["metadata"]["name"].as_str().expect("a name"),
                wave(document),
            )
        })
        .collect();
    for (first, then) in [
        ("b2xgate", "cert-manager"),
        ("cert-manager", "certificates"),
        ("eck-operator", "platform"),
        ("traefik", "platform"),
        ("prometheus-operator", "mcp-server"),
        ("secrets-store-csi-driver", "vault"),
        ("vault", "mcp-server"),
        ("prometheus-operator", "observability"),
        ("observability", "mcp-server"),
        ("certificates", "mcp-server"),
        ("platform", "mcp-server"),
    ] {
        assert!(waves[first] < waves[then], "{first} must come before {then}");
    }
}

#[test]
fn vault_is_where_everything_asks_for_it() {
    let rendered = kustomize("argocd/production");
    let namespace = &find(&rendered, "Application", "vault")["spec"]["destination"]["namespace"];
    let address = format!("https://vault.{}.svc:8200", namespace.as_str().expect("a name"));
    let classes = kustomize("kubernetes/overlays/production");
    for class in of_kind(&classes, "SecretProviderClass") {
        assert_eq!(
            class["spec"]["parameters"]["vaultAddress"],
            address,
            "{}",
            title(class)
        );
    }
    let issuers = kustomize("secrets/cert-manager");
    assert_eq!(
        find(&issuers, "ClusterIssuer", "b2xgate-internal")["spec"]["vault"]["server"],
        address
    );
}

#[test]
fn autoscalers_keep_what_they_set() {
    let rendered = kustomize("argocd/production");
    for name in ["mcp-server", "platform"] {
        let spec = &find(&rendered, "Application", name)["spec"];
        let ignored = spec["ignoreDifferences"]
            .as_array()
            .expect("differences are ignored");
        assert!(
            ignored
                .iter()
                .any(|one| one["kind"] == "Deployment" && one["jsonPointers"][0] == "/spec/replicas"),
            "{name}: replicas would show as a difference"
        );
        let options = spec["syncPolicy"]["syncOptions"].as_array().expect("options");
        assert!(
            options.contains(&"RespectIgnoreDifferences=true".into()),
            "{name}: a sync would reset replicas"
        );
        let path = spec["source"]["path"]
            .as_str()
            .and_then(|path| path.strip_prefix("deploy/"));
        for workload in of_kind(&kustomize(path.expect("a path")), "Deployment") {
            assert!(
                workload["spec"].get("replicas").is_none(),
                "{}: who scales it?",
                title(workload)
            );
        }
    }
}

#[test]
fn revisions_are_pinned_where_it_matters() {
    for environment in ["production", "staging"] {
        let mut rendered = kustomize(&format!("argocd/{environment}"));
        rendered.extend(read(&tools::read(&format!("argocd/start/{environment}.yaml"))));
        for application in of_kind(&rendered, "Application") {
            let revision = application["spec"]["source"]["targetRevision"]
                .as_str()
                .expect("a revision");
            let version = revision.trim_start_matches('v');
            let numbers = version
                .split('.')
                .filter(|part| part.parse::<u32>().is_ok())
                .count();
            assert!(
                numbers == 3 && version.split('.').count() == 3,
                "{}: {revision} may move",
                title(application)
            );
        }
    }
}

#[test]
fn applications_stay_within_their_project() {
    let rendered = kustomize("argocd/production");
    let project = &find(&rendered, "AppProject", "b2xgate")["spec"];
    let sources = project["sourceRepos"].as_array().expect("sources");
    let places = project["destinations"].as_array().expect("destinations");
    for application in of_kind(&rendered, "Application") {
        let spec = &application["spec"];
        assert_eq!(spec["project"], "b2xgate", "{}", title(application));
        assert!(
            sources.contains(&spec["source"]["repoURL"]),
            "{}: its source is not allowed",
            title(application)
        );
        assert!(
            places.contains(&spec["destination"]),
            "{}: its place is not allowed",
            title(application)
        );
    }
    for source in sources {
        let used = of_kind(&rendered, "Application")
            .iter()
            .any(|one| one["spec"]["source"]["repoURL"] == *source);
        assert!(used, "{source} is allowed and not used");
    }
}
