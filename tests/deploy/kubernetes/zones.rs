//! The table of zones and ports, and what the policies make of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    network::{Peer, Way, allows, pod},
    render::{self, production},
};
use crate::documents::of_kind;

/// Ports that anything in the architecture's tables or beside them listens on.
const PORTS: [(&str, u16); 17] = [
    ("TCP", 22),
    ("TCP", 53),
    ("UDP", 53),
    ("TCP", 80),
    ("TCP", 443),
    ("TCP", 4317),
    ("TCP", 4318),
    ("TCP", 5432),
    ("TCP", 6379),
    ("TCP", 8000),
    ("TCP", 8080),
    ("TCP", 8090),
    ("TCP", 8200),
    ("TCP", 9200),
    ("TCP", 9464),
    ("TCP", 10_000),
    ("UDP", 443),
];

/// Who is on the network, and which ports: of the server to them, and of theirs to the server.
fn table() -> Vec<(&'static str, Peer, &'static [u16], &'static [u16])> {
    let dns = Peer::Pod {
        namespace: "kube-system",
        namespace_labels: json!({"kubernetes.io/metadata.name": "kube-system"}),
        labels: json!({"k8s-app": "kube-dns"}),
    };
    let false_dns = Peer::Pod {
        namespace: "elsewhere",
        namespace_labels: json!({"kubernetes.io/metadata.name": "elsewhere"}),
        labels: json!({"k8s-app": "kube-dns"}),
    };
    vec![
        // name, who, reaches the server at, is reached by the server at
        (
            "reverse proxy in the DMZ",
            pod("b2x-dmz", "dmz", "traefik"),
            &[8080],
            &[],
        ),
        (
            "gateway beside the server",
            pod("b2x-application", "application", "store-gateway"),
            &[8080],
            &[],
        ),
        (
            "another server",
            pod("b2x-application", "application", "mcp-server"),
            &[8080],
            &[],
        ),
        (
            "workers elsewhere in the zone",
            pod("b2x-workers", "application", "worker"),
            &[8080],
            &[],
        ),
        (
            "PostgreSQL and Redis in the cluster",
            pod("b2x-data", "data", "postgresql"),
            &[],
            &[5432, 6379],
        ),
        (
            "Prometheus",
            pod("b2x-management", "management", "prometheus"),
            &[9464],
            &[],
        ),
        (
            "the collector",
            pod("b2x-management", "management", "opentelemetry-collector"),
            &[],
            &[4317, 4318],
        ),
        (
            "the identity provider",
            pod("b2x-management", "management", "keycloak"),
            &[],
            &[443],
        ),
        (
            "Vault",
            pod("b2x-management", "management", "vault"),
            &[],
            &[8200],
        ),
        (
            "a bastion",
            pod("b2x-management", "management", "bastion"),
            &[],
            &[],
        ),
        (
            "Prometheus of somebody else",
            pod("elsewhere", "none", "prometheus"),
            &[],
            &[],
        ),
        (
            "a collector of somebody else",
            pod("elsewhere", "none", "opentelemetry-collector"),
            &[],
            &[],
        ),
        (
            "an identity provider of somebody else",
            pod("elsewhere", "none", "keycloak"),
            &[],
            &[],
        ),
        (
            "a Vault of somebody else",
            pod("elsewhere", "none", "vault"),
            &[],
            &[],
        ),
        ("DNS", dns, &[], &[53]),
        ("DNS of somebody else", false_dns, &[], &[]),
        (
            "another pod of the system",
            pod("kube-system", "none", "other"),
            &[],
            &[],
        ),
        (
            "Azure OpenAI, by its private endpoint",
            Peer::Machine([10, 10, 33, 4].into()),
            &[],
            &[443],
        ),
        (
            "PostgreSQL and Redis, by private endpoints",
            Peer::Machine([10, 10, 32, 4].into()),
            &[],
            &[5432, 6379, 10_000],
        ),
        (
            "Entra ID, in the first of its networks",
            Peer::Machine([20, 20, 40, 1].into()),
            &[],
            &[443],
        ),
        (
            "Entra ID, in the second",
            Peer::Machine([20, 190, 160, 1].into()),
            &[],
            &[443],
        ),
        (
            "Entra ID, in the third",
            Peer::Machine([20, 231, 150, 1].into()),
            &[],
            &[443],
        ),
        (
            "Entra ID, in the fourth",
            Peer::Machine([40, 126, 32, 1].into()),
            &[],
            &[443],
        ),
        (
            "Azure beside them",
            Peer::Machine([20, 190, 192, 1].into()),
            &[],
            &[],
        ),
        ("the internet", Peer::Machine([203, 0, 113, 9].into()), &[], &[]),
        (
            "the metadata of the machine",
            Peer::Machine([169, 254, 169, 254].into()),
            &[],
            &[],
        ),
    ]
}

/// Every (who, way, protocol, port) that policies allow the pods of this name.
fn allowed(documents: &[Value], subject: &str) -> BTreeSet<String> {
    let subject = pod("b2x-application", "application", subject);
    let mut found = BTreeSet::new();
    for (name, peer, ..) in table() {
        for (way, word) in [(Way::Ingress, "reaches it at"), (Way::Egress, "is reached at")] {
            let open = PORTS
                .iter()
                .filter(|(protocol, port)| allows(documents, &subject, way, &peer, protocol, *port));
            found.extend(open.map(|(protocol, port)| format!("{name} {word} {protocol} {port}")));
        }
    }
    found
}

fn expected() -> BTreeSet<String> {
    let mut wanted = BTreeSet::new();
    for (name, _, reaches, is_reached) in table() {
        wanted.extend(
            reaches
                .iter()
                .map(|port| format!("{name} reaches it at TCP {port}")),
        );
        wanted.extend(
            is_reached
                .iter()
                .map(|port| format!("{name} is reached at TCP {port}")),
        );
    }
    wanted.insert("DNS is reached at UDP 53".to_owned());
    wanted
}

/// Pods that have no policy of their own: names are found, and that is all.
fn expected_of_others() -> BTreeSet<String> {
    ["TCP", "UDP"]
        .map(|protocol| format!("DNS is reached at {protocol} 53"))
        .into()
}

/// The job that makes the ledger's tables: PostgreSQL, and that alone.
fn expected_of_migration() -> BTreeSet<String> {
    let stores = [
        "PostgreSQL and Redis in the cluster",
        "PostgreSQL and Redis, by private endpoints",
    ];
    let mut wanted = expected_of_others();
    wanted.extend(stores.map(|store| format!("{store} is reached at TCP 5432")));
    wanted
}

/// What policies allow and should not, or deny and should not.
pub(super) fn faults(documents: &[Value]) -> Vec<String> {
    let mut faults = Vec::new();
    for (subject, wanted) in [
        ("mcp-server", expected()),
        ("mcp-server-migration", expected_of_migration()),
        ("neighbour", expected_of_others()),
    ] {
        let allowed = allowed(documents, subject);
        faults.extend(allowed.symmetric_difference(&wanted).map(|entry| {
            let word = if allowed.contains(entry) {
                "allowed"
            } else {
                "denied"
            };
            format!("{subject}: {entry} is {word}")
        }));
    }
    faults
}

#[test]
fn policies_allow_what_the_table_says_and_nothing_else() {
    let faults = faults(production());
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_rule_that_is_changed_changes_the_table() {
    let mut changes = 0;
    for (what, documents) in mutations(production()) {
        assert!(!faults(&documents).is_empty(), "nobody notices: {what}");
        changes += 1;
    }
    assert!(changes >= 40, "only {changes} changes were made");
}

/// Each policy gone; each rule of each gone, with its peers, a selector or a port lost or changed, or its subnet opened.
fn mutations(documents: &[Value]) -> Vec<(String, Vec<Value>)> {
    let mut made = Vec::new();
    for (index, policy) in documents
        .iter()
        .enumerate()
        .filter(|(_, document)| document["kind"] == "NetworkPolicy")
    {
        let name = policy["metadata"]["name"].as_str().expect("a name");
        let mut gone = documents.to_vec();
        gone.remove(index);
        made.push((format!("{name} gone"), gone));
        for pointer in pointers(&policy["spec"], "/spec") {
            for (word, change) in changes_at(policy.pointer(&pointer).expect("it was just found"), &pointer) {
                let mut changed = documents.to_vec();
                *changed[index].pointer_mut(&pointer).expect("it was just found") = change;
                made.push((format!("{name}{pointer} {word}"), changed));
            }
        }
    }
    made
}

/// Paths of every rule, peer and port in a policy.
fn pointers(value: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    for list in ["ingress", "egress", "from", "to", "ports"] {
        for (index, entry) in value[list].as_array().into_iter().flatten().enumerate() {
            let path = format!("{at}/{list}/{index}");
            found.extend(pointers(entry, &path));
            found.push(path);
        }
    }
    found
}

fn changes_at(entry: &Value, pointer: &str) -> Vec<(&'static str, Value)> {
    let without = |key: &str| {
        let mut less = entry.clone();
        less.as_object_mut().expect("entries are objects").remove(key);
        less
    };
    if pointer.contains("/ports/") {
        return vec![(
            "on another port",
            json!({"protocol": entry["protocol"], "port": 1}),
        )];
    }
    let mut changes = Vec::new();
    if entry["ports"].is_array() {
        changes.push(("on any port", without("ports")));
        changes.push(("to nobody", json!({"ports": entry["ports"], "from": [{"podSelector": {"matchLabels": {"no": "body"}}}], "to": [{"podSelector": {"matchLabels": {"no": "body"}}}]})));
        for peers in ["from", "to"].into_iter().filter(|peers| entry[peers].is_array()) {
            changes.push(("for anybody", without(peers)));
        }
    }
    if entry["ipBlock"].is_object() {
        changes.push((
            "for the whole internet",
            json!({"ipBlock": {"cidr": "0.0.0.0/0"}}),
        ));
    }
    if entry["podSelector"].is_object() {
        changes.push(("for any pod of the zone", without("podSelector")));
    }
    if entry["namespaceSelector"].is_object() {
        changes.push(("for any namespace", {
            let mut wide = entry.clone();
            wide["namespaceSelector"] = json!({});
            wide
        }));
    }
    changes
}

#[test]
fn a_separate_model_is_reached_by_the_servers_alone() {
    let documents = render::rendered("+local-llm");
    assert_eq!(of_kind(&documents, "Deployment").len(), 2);
    let model = pod("b2x-application", "application", "local-llm");
    for (peer, port, may) in [
        (pod("b2x-application", "application", "mcp-server"), 8080, true),
        (
            pod("b2x-application", "application", "store-gateway"),
            8080,
            false,
        ),
        (pod("b2x-dmz", "dmz", "traefik"), 8080, false),
        (pod("b2x-management", "management", "prometheus"), 9464, true),
    ] {
        assert_eq!(
            allows(&documents, &model, Way::Ingress, &peer, "TCP", port),
            may,
            "{peer:?} {port}"
        );
    }
    let internet = Peer::Machine([203, 0, 113, 9].into());
    assert!(!allows(&documents, &model, Way::Egress, &internet, "TCP", 443));
    let server = pod("b2x-application", "application", "mcp-server");
    assert!(allows(&documents, &server, Way::Egress, &model, "TCP", 8080));
}
