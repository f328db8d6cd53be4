//! The Helm chart: equal to the base, strict about its values, and able to be what an overlay is.

use std::{collections::BTreeSet, process::Command};

use serde_json::{Value, json};

use super::{render, rules, schemas, zones};
use crate::{
    documents::{self, find, of_kind, title},
    tools::{self, deploy, tool},
};

const NAMESPACE: &str = "b2x-application";

fn template(settings: &[&str]) -> Command {
    let mut helm = tool("helm");
    helm.args(["template", "mcp-server"])
        .arg(deploy("charts/mcp-server"))
        .args(["--namespace", NAMESPACE]);
    for setting in settings {
        helm.args(["--set", setting]);
    }
    helm
}

fn rendered(settings: &[&str]) -> Vec<Value> {
    documents::read(&tools::run(&mut template(settings)))
}

/// Documents by kind and name, without what only one of the two ways of rendering writes.
fn comparable(documents: Vec<Value>) -> Vec<(String, Value)> {
    let mut all: Vec<(String, Value)> = documents
        .into_iter()
        // Helm makes namespaces by a flag of its own.
        .filter(|document| document["kind"] != "Namespace")
        .map(|mut document| {
            // Helm names itself; kustomize puts a hash into the name, where the chart writes it beside.
            if let Some(labels) = document["metadata"]["labels"].as_object_mut() {
                labels.retain(|key, _| {
                    key.starts_with("app.kubernetes.io/") && key != "app.kubernetes.io/managed-by"
                });
                labels.remove("app.kubernetes.io/name");
            }
            if let Some(annotations) = document
                .pointer_mut("/spec/template/metadata/annotations")
                .and_then(Value::as_object_mut)
            {
                annotations.remove("checksum/config");
            }
            for path in ["/metadata/name", "/spec/template/spec/volumes/0/configMap/name"] {
                if let Some(Value::String(name)) = document.pointer_mut(path)
                    && name.starts_with("mcp-server-config-")
                {
                    name.truncate("mcp-server-config".len());
                }
            }
            (title(&document), document)
        })
        .collect();
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    all
}

#[test]
fn defaults_are_the_base() {
    let (chart, base) = (comparable(rendered(&[])), comparable(render::rendered("base")));
    let titles = |list: &[(String, Value)]| list.iter().map(|(title, _)| title.clone()).collect::<Vec<_>>();
    assert_eq!(titles(&chart), titles(&base));
    for ((title, chart), (_, base)) in chart.iter().zip(&base) {
        assert_eq!(chart, base, "{title}");
    }
}

#[test]
fn the_chart_is_what_lint_wants() {
    tools::run(
        tool("helm")
            .args(["lint", "--strict"])
            .arg(deploy("charts/mcp-server")),
    );
}

/// The chart with all that it has switched on.
pub(crate) fn with_everything() -> Vec<Value> {
    let digest = format!("image.digest=sha256:{}", "0".repeat(64));
    rendered(&[
        &digest,
        "autoscaling.minReplicas=3",
        "verticalAutoscaling.enabled=true",
        "certificate.enabled=true",
        "certificate.dnsNames={mcp.example.com}",
        "podMonitor.enabled=true",
        "vault.enabled=true",
        "workloadIdentity.enabled=true",
        "ledger.enabled=true",
        "ledger.url=postgres://b2xgate.postgres.database.azure.com:5432/mcp_server?sslmode=verify-full",
        "networkPolicies.azureOpenAI=10.10.33.0/24",
        "networkPolicies.data=10.10.32.0/24",
    ])
}

#[test]
fn with_everything_switched_on_it_keeps_rules_schemas_and_zones() {
    let documents = with_everything();
    assert_eq!(rules::breaches(&documents, &[]), Vec::<String>::new());
    assert_eq!(zones::faults(&documents), Vec::<String>::new());
    let faults = schemas::faults(&[("chart".to_owned(), documents.clone())]);
    assert!(faults.is_empty(), "{faults:#?}");
    // The same objects as production has, but for the adapter's rules, which are the monitoring's.
    for document in render::production() {
        let kind = document["kind"].as_str().expect("a kind");
        if !matches!(kind, "Namespace" | "ConfigMap") {
            assert!(
                of_kind(&documents, kind).len() == of_kind(render::production(), kind).len(),
                "{}",
                title(document)
            );
        }
    }
    let pod =
        |documents: &[Value]| find(documents, "Deployment", "mcp-server")["spec"]["template"]["spec"].clone();
    for list in ["/containers/0/volumeMounts", "/volumes"] {
        let names = |documents: &[Value]| -> BTreeSet<String> {
            let pod = pod(documents);
            let entries = pod.pointer(list).and_then(Value::as_array).expect("a list");
            entries.iter().map(|entry| entry["name"].to_string()).collect()
        };
        assert_eq!(names(&documents), names(render::production()), "{list}");
    }
    let identity = |documents: &[Value]| {
        let volumes = pod(documents)["volumes"].as_array().cloned().unwrap_or_default();
        volumes.into_iter().find(|volume| volume["name"] == "identity")
    };
    assert_eq!(identity(&documents), identity(render::production()));
    // What differs is who calls the job: Helm or Argo CD.
    for (kind, name) in [
        ("Job", "mcp-server-migration"),
        ("NetworkPolicy", "mcp-server-migration"),
        ("NetworkPolicy", "mcp-server-private-endpoints"),
        ("NetworkPolicy", "mcp-server-workload-identity"),
        ("SecretProviderClass", "mcp-server"),
        ("SecretProviderClass", "mcp-server-ledger"),
        ("SecretProviderClass", "mcp-server-migration"),
    ] {
        assert_eq!(
            find(&documents, kind, name)["spec"],
            find(render::production(), kind, name)["spec"],
            "{kind} {name}"
        );
    }
}

#[test]
fn a_configuration_of_ones_own_replaces_the_example_and_starts_new_pods() {
    let (old, new) = (rendered(&[]), rendered(&["config=[queue]"]));
    assert_eq!(
        find(&new, "ConfigMap", "mcp-server-config")["data"]["mcp-server.toml"],
        json!("[queue]\n")
    );
    let sum = |documents: &[Value]| {
        find(documents, "Deployment", "mcp-server")["spec"]["template"]["metadata"]["annotations"]["checksum/config"].clone()
    };
    assert_ne!(sum(&old), sum(&new));
}

#[test]
fn wrong_values_are_refused_and_named() {
    for (setting, named) in [
        ("image.digset=sha256:0", "digset"),
        ("image.digest=sha256:12", "digest"),
        ("autoscaling.minReplicas=two", "minReplicas"),
        ("autoscaling.minReplicas=9", "minReplicas is above"),
        ("autoscaling.memory=100x", "memory"),
        ("resources.limits=null", "limits"),
        ("resources.requests.cpu=1x", "cpu"),
        ("networkPolicies.data=10.10.32.0", "data"),
        ("workloadIdentity.addresses={20.190.128.0}", "addresses"),
        ("vault.address=http://vault", "address"),
        ("ledger.enabled=true", "ledger.url is missing"),
        ("ledger.url=postgres://gate:password@db/ledger", "/ledger/url"),
        ("rbac.viewers={a,a}", "viewers"),
        ("podDisruptionBudget.maxUnavailable=0", "maxUnavailable"),
    ] {
        let output = tools::end(&mut template(&[setting]));
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{setting} is accepted");
        assert!(told.contains(named), "{setting}: {told}");
    }
}

#[test]
fn every_value_is_in_the_schema() {
    let values = &documents::read(&tools::read("charts/mcp-server/values.yaml"))[0];
    let schema: Value =
        serde_json::from_str(&tools::read("charts/mcp-server/values.schema.json")).expect("JSON");
    let known = |value: &Value| {
        value
            .as_object()
            .expect("a table")
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    let mut listed = known(&schema["properties"]);
    listed.retain(|key| key != "global");
    assert_eq!(known(values), listed);
}

#[test]
fn notes_say_how_to_go_on() {
    let text = tools::read("charts/mcp-server/templates/NOTES.txt");
    for part in [
        "rollout status",
        "/health/ready",
        "--set-file config=",
        "image.digest",
    ] {
        assert!(text.contains(part), "{part}");
    }
}
