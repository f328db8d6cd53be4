//! What network policies allow, worked out as a cluster's network does it.

use std::net::Ipv4Addr;

use serde_json::{Map, Value, json};

use crate::documents::of_kind;

/// Somebody on the network.
#[derive(Debug, Clone)]
pub(super) enum Peer {
    /// A pod: its namespace's name and labels, and its own labels.
    Pod {
        namespace: &'static str,
        namespace_labels: Value,
        labels: Value,
    },
    /// A machine outside.
    Machine(Ipv4Addr),
}

/// The two directions, as policies call them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Way {
    Ingress,
    Egress,
}

/// A pod of this name in a namespace of this zone.
pub(super) fn pod(namespace: &'static str, zone: &str, name: &str) -> Peer {
    Peer::Pod {
        namespace,
        namespace_labels: json!({"kubernetes.io/metadata.name": namespace, "b2xgate.com/zone": zone}),
        labels: json!({"app.kubernetes.io/name": name}),
    }
}

/// Whether policies let `peer` and the pod talk, on this port, in this direction.
pub(super) fn allows(
    documents: &[Value],
    pod: &Peer,
    way: Way,
    peer: &Peer,
    protocol: &str,
    port: u16,
) -> bool {
    let Peer::Pod {
        namespace, labels, ..
    } = pod
    else {
        return true;
    };
    let (word, rules, peers) = match way {
        Way::Ingress => ("Ingress", "ingress", "from"),
        Way::Egress => ("Egress", "egress", "to"),
    };
    let selecting: Vec<&Value> = of_kind(documents, "NetworkPolicy")
        .into_iter()
        .filter(|policy| {
            let types = policy["spec"]["policyTypes"].as_array();
            policy["metadata"]["namespace"] == *namespace
                && selects(&policy["spec"]["podSelector"], labels)
                && types.is_some_and(|types| types.iter().any(|known| known == word))
        })
        .collect();
    // Nobody is kept from what no policy speaks of.
    if selecting.is_empty() {
        return true;
    }
    let list = |value: &Value| value.as_array().cloned();
    selecting
        .iter()
        .flat_map(|policy| list(&policy["spec"][rules]).unwrap_or_default())
        .any(|rule| {
            let fits_peer = list(&rule[peers])
                .is_none_or(|peers| peers.iter().any(|known| is_meant(known, peer, namespace)));
            let fits_port = list(&rule["ports"]).is_none_or(|ports| {
                ports
                    .iter()
                    .any(|known| known["port"] == port && known["protocol"] == protocol)
            });
            fits_peer && fits_port
        })
}

/// Both selectors of one entry must fit; without one for namespaces, the policy's own is meant.
fn is_meant(known: &Value, peer: &Peer, own_namespace: &str) -> bool {
    match peer {
        Peer::Machine(address) => known["ipBlock"]["cidr"]
            .as_str()
            .is_some_and(|cidr| contains(cidr, *address)),
        Peer::Pod {
            namespace,
            namespace_labels,
            labels,
        } => {
            let (namespaces, pods) = (&known["namespaceSelector"], &known["podSelector"]);
            let fits_namespace = if namespaces.is_null() {
                *namespace == own_namespace
            } else {
                selects(namespaces, namespace_labels)
            };
            known["ipBlock"].is_null() && fits_namespace && (pods.is_null() || selects(pods, labels))
        }
    }
}

fn selects(selector: &Value, labels: &Value) -> bool {
    let known = selector
        .as_object()
        .is_some_and(|selector| selector.keys().all(|key| key == "matchLabels"));
    assert!(known, "this reads matchLabels only, not {selector}");
    let nothing = Map::new();
    let wanted = selector["matchLabels"].as_object().unwrap_or(&nothing);
    wanted.iter().all(|(key, value)| labels[key] == *value)
}

fn contains(cidr: &str, address: Ipv4Addr) -> bool {
    let (network, bits) = cidr.split_once('/').expect("an address and a length");
    let network: Ipv4Addr = network.parse().expect("an address");
    let bits: u32 = bits.parse().expect("a length");
    let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
    u32::from(network) & mask == u32::from(address) & mask
}

#[test]
fn policies_are_read_as_a_cluster_reads_them() {
    let policy = |spec: Value| {
        vec![json!({"kind": "NetworkPolicy", "metadata": {"name": "p", "namespace": "a"}, "spec": spec})]
    };
    let subject = pod("a", "application", "x");
    let asks = |documents: &[Value], peer: &Peer| allows(documents, &subject, Way::Ingress, peer, "TCP", 80);
    let (friend, stranger) = (pod("b", "dmz", "friend"), pod("b", "dmz", "stranger"));
    assert!(asks(&[], &stranger), "without a policy everything is allowed");
    let others = policy(
        json!({"podSelector": {"matchLabels": {"app.kubernetes.io/name": "y"}}, "policyTypes": ["Ingress"]}),
    );
    assert!(asks(&others, &stranger), "a policy for others says nothing");
    let egress = policy(json!({"podSelector": {}, "policyTypes": ["Egress"]}));
    assert!(
        asks(&egress, &stranger),
        "a policy for the other way says nothing"
    );
    let shut = policy(json!({"podSelector": {}, "policyTypes": ["Ingress"]}));
    assert!(!asks(&shut, &friend));
    let (zone, name) = (
        json!({"matchLabels": {"b2xgate.com/zone": "dmz"}}),
        json!({"matchLabels": {"app.kubernetes.io/name": "friend"}}),
    );
    let both = policy(
        json!({"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": [{"namespaceSelector": zone, "podSelector": name}]}]}),
    );
    assert!(
        asks(&both, &friend) && !asks(&both, &stranger),
        "both selectors of one entry must fit"
    );
    let either = policy(
        json!({"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": [{"namespaceSelector": zone}, {"podSelector": name}]}]}),
    );
    assert!(asks(&either, &stranger), "two entries are two chances");
    let block = policy(
        json!({"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": [{"ipBlock": {"cidr": "10.0.4.0/22"}}]}]}),
    );
    for (address, allowed) in [([10, 0, 7, 255], true), ([10, 0, 8, 0], false)] {
        assert_eq!(
            asks(&block, &Peer::Machine(address.into())),
            allowed,
            "{address:?}"
        );
    }
}
