//! What pods share in Redis, and by whose identity: configuration, mounts, autoscaler and terraform mean the same.

use serde_json::{Value, json};

use super::{
    render::{self, OVERLAYS},
    tables::config,
};
use crate::{documents::find, tools};

/// The token of the cluster that pods mount: in which folder, and the source that it comes from.
fn mounted(documents: &[Value]) -> (String, Value) {
    let pod = &find(documents, "Deployment", "mcp-server")["spec"]["template"]["spec"];
    let named = |list: &Value| {
        let entries = list.as_array().expect("a list");
        let found = entries.iter().find(|entry| entry["name"] == "identity");
        found.expect("the component is in").clone()
    };
    let mount = named(&pod["containers"][0]["volumeMounts"]);
    assert_eq!(mount["readOnly"], true);
    let source = &named(&pod["volumes"])["projected"]["sources"][0]["serviceAccountToken"];
    (
        mount["mountPath"].as_str().expect("a path").to_owned(),
        source.clone(),
    )
}

#[test]
fn pods_of_every_fleet_share_one_redis_over_tls_and_come_in_by_their_identity() {
    for overlay in OVERLAYS {
        let documents = render::rendered(overlay);
        let shared = &config(&documents)["shared"];
        if overlay == "development" {
            assert!(shared.is_null(), "development needs no Redis");
            continue;
        }
        let urls = shared["urls"].as_array().expect("addresses");
        let is_right = |url: &Value| {
            url.as_str()
                .is_some_and(|url| url.starts_with("rediss://") && url.ends_with(".redis.azure.net:10000"))
        };
        assert!(
            urls.len() == 1 && urls.iter().all(is_right),
            "{overlay}: {urls:?}"
        );
        let most = &find(&documents, "HorizontalPodAutoscaler", "mcp-server")["spec"]["maxReplicas"];
        assert_eq!(
            shared["assumed_servers"], *most,
            "{overlay}: parts of a limit are not those of as many pods"
        );
        let identity = &shared["workload_identity"];
        let (folder, source) = mounted(&documents);
        assert_eq!(
            identity["token_file"],
            format!("{folder}/{}", source["path"].as_str().expect("a path")),
            "{overlay}"
        );
        assert!(
            shared["password_file"].is_null() && shared["allow_plaintext"].is_null(),
            "{overlay}"
        );
    }
}

#[test]
fn the_identity_trusts_the_tokens_that_pods_mount_and_redis_lets_it_in() {
    let documents = render::production();
    let (_, source) = mounted(documents);
    let plain = |path: &str| {
        let text = tools::read(&format!("terraform/{path}"));
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let trusted = plain("modules/kubernetes/identity.tf");
    let audience = source["audience"].as_str().expect("an audience");
    assert!(
        trusted.contains(&format!("audience = [\"{audience}\"]")),
        "{trusted}"
    );
    let account =
        &find(documents, "Deployment", "mcp-server")["spec"]["template"]["spec"]["serviceAccountName"];
    let names = plain("modules/kubernetes/variables.tf");
    let whose = format!(
        "namespace = \"{}\", service_account = {account}",
        find(documents, "Deployment", "mcp-server")["metadata"]["namespace"]
            .as_str()
            .expect("a namespace")
    );
    assert!(names.contains(&whose), "{whose}");
    // As long as the cluster allows at least, so that a token that was read is good when it is shown.
    assert_eq!(source["expirationSeconds"], json!(3600));
    let redis = plain("modules/database/redis.tf");
    assert!(
        redis.contains("object_id = var.mcp_server_principal_id"),
        "{redis}"
    );
    let environment = plain("modules/environment/main.tf");
    for region in ["var.location", "each.key"] {
        let principal =
            format!("mcp_server_principal_id = module.kubernetes[{region}].mcp_server_principal_id");
        assert!(environment.contains(&principal), "{principal}");
    }
}
