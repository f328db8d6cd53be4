//! What kustomize makes of a folder.

use serde_json::Value;

use crate::{
    documents,
    tools::{self, deploy},
};

/// Renders a folder of `deploy/` as `kubectl apply -k` would.
pub(super) fn kustomize(folder: &str) -> Vec<Value> {
    let text = tools::run(tools::tool("kubectl").arg("kustomize").arg(deploy(folder)));
    documents::read(&text)
}

#[test]
fn each_overlay_renders() {
    for overlay in ["production", "staging", "development"] {
        let documents = kustomize(&format!("kubernetes/overlays/{overlay}"));
        documents::find(&documents, "Deployment", "mcp-server");
    }
}
