//! What kustomize makes of folders of `deploy/`.

use std::{path::Path, sync::OnceLock};

use serde_json::Value;

use crate::{
    documents,
    tools::{self, deploy},
};

pub(super) const OVERLAYS: [&str; 3] = ["production", "staging", "development"];

/// Renders a folder of `deploy/` as `kubectl apply -k` would.
pub(crate) fn kustomize(folder: &str) -> Vec<Value> {
    documents::read(&text_of(&deploy(folder)))
}

/// The base, an overlay by its name, or the base with one component by `+` and its name.
pub(crate) fn rendered(name: &str) -> Vec<Value> {
    match (name, name.strip_prefix('+')) {
        (_, Some(component)) => with_component(component),
        ("base", None) => kustomize("kubernetes/base"),
        ("production", None) => production().to_vec(),
        (overlay, None) => kustomize(&format!("kubernetes/overlays/{overlay}")),
    }
}

/// Everything there is to render: names for [`rendered`].
pub(super) fn everything() -> Vec<String> {
    let mut names = vec!["base".to_owned()];
    names.extend(OVERLAYS.map(str::to_owned));
    let components = std::fs::read_dir(deploy("kubernetes/components")).expect("components");
    let mut components: Vec<String> = components
        .map(|entry| format!("+{}", entry.expect("an entry").file_name().to_string_lossy()))
        .collect();
    components.sort();
    names.extend(components);
    names
}

/// The overlay that most tests look at.
pub(super) fn production() -> &'static [Value] {
    static PRODUCTION: OnceLock<Vec<Value>> = OnceLock::new();
    PRODUCTION.get_or_init(|| kustomize("kubernetes/overlays/production"))
}

fn with_component(component: &str) -> Vec<Value> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let canonical = folder.path().canonicalize().expect("a path");
    let up: String = canonical.components().skip(1).map(|_| "../").collect();
    let kubernetes = deploy("kubernetes").canonicalize().expect("a path");
    // kustomize refuses absolute paths.
    let base = format!(
        "{up}{}",
        kubernetes.strip_prefix("/").expect("it is absolute").display()
    );
    let text = format!(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [{base}/base]\n\
         components: [{base}/components/{component}]\n"
    );
    std::fs::write(folder.path().join("kustomization.yaml"), text).expect("a writable folder");
    documents::read(&text_of(folder.path()))
}

fn text_of(folder: &Path) -> String {
    tools::run(tools::tool("kubectl").arg("kustomize").arg(folder))
}

#[test]
fn each_overlay_and_each_component_renders() {
    let names = everything();
    assert!(names.len() >= 12, "{names:?}");
    for name in names {
        documents::find(&rendered(&name), "Deployment", "mcp-server");
    }
}
