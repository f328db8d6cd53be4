//! Who may do what to the workload: a table of questions to the roles, as `kubectl auth can-i` would ask them.

use serde_json::Value;

use super::render::production;
use crate::documents::{find, of_kind};

/// Whether somebody may do something in the namespace: by group, or by service account as `sa:NAME`.
fn can(who: &str, verb: &str, group: &str, resource: &str, name: &str) -> bool {
    let is_meant = |subject: &Value| match who.strip_prefix("sa:") {
        Some(account) => subject["kind"] == "ServiceAccount" && subject["name"] == account,
        None => subject["kind"] == "Group" && subject["name"] == who,
    };
    let lists = |value: &Value, word: &str| {
        value
            .as_array()
            .is_some_and(|list| list.iter().any(|known| known == word))
    };
    let bindings = of_kind(production(), "RoleBinding").into_iter();
    let roles = bindings.filter(|binding| {
        binding["subjects"]
            .as_array()
            .is_some_and(|subjects| subjects.iter().any(is_meant))
    });
    roles
        .map(|binding| {
            find(
                production(),
                "Role",
                binding["roleRef"]["name"].as_str().expect("a name"),
            )
        })
        .flat_map(|role| role["rules"].as_array().expect("rules"))
        .any(|rule| {
            let names = &rule["resourceNames"];
            lists(&rule["verbs"], verb)
                && lists(&rule["apiGroups"], group)
                && lists(&rule["resources"], resource)
                && (names.is_null() || lists(names, name))
        })
}

#[test]
fn people_and_pods_may_do_what_the_table_says() {
    let (viewers, operators, pods) = ("b2xgate-viewers", "b2xgate-operators", "sa:mcp-server");
    for (verb, group, resource, name, by) in [
        ("get", "", "pods", "mcp-server-1", &[viewers, operators][..]),
        ("list", "", "pods", "", &[viewers, operators]),
        ("get", "", "pods/log", "mcp-server-1", &[viewers, operators]),
        (
            "get",
            "",
            "configmaps",
            "mcp-server-config",
            &[viewers, operators],
        ),
        (
            "watch",
            "apps",
            "deployments",
            "mcp-server",
            &[viewers, operators],
        ),
        (
            "get",
            "autoscaling",
            "horizontalpodautoscalers",
            "mcp-server",
            &[viewers, operators],
        ),
        ("delete", "", "pods", "mcp-server-1", &[operators]),
        ("patch", "apps", "deployments", "mcp-server", &[operators]),
        ("update", "apps", "deployments/scale", "mcp-server", &[operators]),
        (
            "patch",
            "autoscaling",
            "horizontalpodautoscalers",
            "mcp-server",
            &[operators],
        ),
        ("patch", "apps", "deployments", "local-llm", &[]),
        ("delete", "apps", "deployments", "mcp-server", &[]),
        ("create", "apps", "deployments", "", &[]),
        ("get", "", "secrets", "mcp-server-tls", &[]),
        ("list", "", "secrets", "", &[]),
        ("create", "", "pods/exec", "mcp-server-1", &[]),
        ("create", "", "serviceaccounts/token", "mcp-server", &[]),
        ("update", "", "configmaps", "mcp-server-config", &[]),
        (
            "patch",
            "networking.k8s.io",
            "networkpolicies",
            "default-deny",
            &[],
        ),
        ("create", "rbac.authorization.k8s.io", "rolebindings", "", &[]),
        (
            "escalate",
            "rbac.authorization.k8s.io",
            "roles",
            "mcp-server-operator",
            &[],
        ),
    ] {
        for who in [
            viewers,
            operators,
            pods,
            "sa:mcp-server-migration",
            "system:authenticated",
        ] {
            assert_eq!(
                can(who, verb, group, resource, name),
                by.contains(&who),
                "may {who} {verb} {resource} {name}?"
            );
        }
    }
}

#[test]
fn nothing_is_granted_in_the_whole_cluster() {
    for kind in ["ClusterRole", "ClusterRoleBinding"] {
        assert!(of_kind(production(), kind).is_empty(), "{kind}");
    }
    for name in ["mcp-server", "mcp-server-migration"] {
        let account = find(production(), "ServiceAccount", name);
        assert_eq!(account["automountServiceAccountToken"], false, "{name}");
    }
}
