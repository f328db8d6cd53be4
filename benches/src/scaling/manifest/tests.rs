//! The deployed objects are read as they are, and what Kubernetes would refuse is refused.

use super::*;
use crate::scaling::deployed;

#[test]
fn the_deployed_pair_is_read() {
    let hpa = horizontal(deployed::HORIZONTAL).expect("an HPA");
    assert_eq!((hpa.min, hpa.max), (2, 8));
    let labels: Vec<String> = hpa.metrics.iter().map(Metric::label).collect();
    assert_eq!(labels, ["mcp_queue_depth 100 a pod", "cpu 60 %", "memory 5734Mi"]);
    let behavior = hpa.behavior.expect("it has one");
    assert_eq!(behavior.down.window, Duration::from_mins(10));
    let vpa = vertical(deployed::VERTICAL).expect("a VPA");
    assert!(vpa.cpu.is_none() && vpa.mode == vpa::Mode::InPlace);
    let memory = vpa.memory.expect("memory is controlled");
    assert_eq!(memory.max.map(|max| max.to_string()).as_deref(), Some("8192Mi"));
}

#[test]
fn a_patch_replaces_lists_and_leaves_the_rest() {
    let plain = horizontal(deployed::HORIZONTAL).expect("an HPA");
    let literal = horizontal_with(deployed::HORIZONTAL, &[deployed::LITERAL_PATCH]).expect("an HPA");
    let labels: Vec<String> = literal.metrics.iter().map(Metric::label).collect();
    assert_eq!(labels, ["mcp_queue_depth 100 a pod", "cpu 60 %", "memory 70 %"]);
    assert_eq!(
        (literal.min, literal.max, &literal.behavior),
        (2, 8, &plain.behavior)
    );
    let vpa = vertical(deployed::LITERAL_VERTICAL).expect("a VPA");
    assert_eq!(vpa.mode, vpa::Mode::Recreate);
    assert!(vpa.cpu.is_some() && vpa.memory.is_some());
    let head = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: x}\nspec: ";
    for (spec, max, has_behavior) in [
        ("{maxReplicas: 12}", 12, true),
        ("{behavior: null}", 8, false),
        ("{behavior: {scaleUp: {stabilizationWindowSeconds: 30}}}", 8, true),
    ] {
        let patched = horizontal_with(deployed::HORIZONTAL, &[format!("{head}{spec}")]).expect(spec);
        assert_eq!(
            (patched.max, patched.behavior.is_some()),
            (max, has_behavior),
            "{spec}"
        );
    }
    let error =
        horizontal_with(deployed::HORIZONTAL, &[format!("{head}{{maxReplica: 12}}")]).expect_err("a typo");
    assert!(error.to_string().contains("maxReplica"), "{error}");
}

#[test]
fn both_objects_may_stand_in_one_text() {
    let text = format!("{}---\n{}", deployed::HORIZONTAL, deployed::VERTICAL);
    assert_eq!(horizontal(&text).expect("an HPA").name, "mcp-server");
    assert_eq!(vertical(&text).expect("a VPA").name, "mcp-server-vpa");
    let twice = format!("{text}---\n{}", deployed::HORIZONTAL);
    let error = horizontal(&twice).expect_err("two of them");
    assert!(error.to_string().contains("more than one"), "{error}");
}

/// The deployed object without its behaviour, which is what stands last.
fn bare() -> &'static str {
    let (bare, _) = deployed::HORIZONTAL
        .split_once("  behavior:")
        .expect("it has one");
    bare
}

#[test]
fn what_a_direction_leaves_out_is_filled_in() {
    let text = format!(
        "{}  behavior: {{scaleUp: {{stabilizationWindowSeconds: 30}}}}\n",
        bare()
    );
    let behavior = horizontal(&text).expect("an HPA").behavior.expect("it has one");
    assert_eq!(behavior.up.window, Duration::from_secs(30));
    assert_eq!(behavior.up.policies, hpa::Behavior::default().up.policies);
    assert_eq!(behavior.down, hpa::Behavior::default().down);
    assert_eq!(horizontal(bare()).expect("an HPA").behavior, None);
}

#[test]
fn what_kubernetes_would_refuse_is_refused_and_named() {
    for (from, to, wanted) in [
        (
            "averageUtilization: 60",
            "averageUtilisation: 60",
            "averageUtilisation",
        ),
        ("minReplicas: 2", "minReplicas: 9", "minReplicas 9"),
        ("averageValue: \"100\"", "averageValue: \"100x\"", "100x"),
        ("averageValue: \"100\"", "averageValue: \"0\"", "above 0"),
        ("name: memory", "name: disk", "disk"),
        ("maxReplicas: 8", "maxReplica: 8", "maxReplica"),
        (
            "apiVersion: autoscaling/v2",
            "apiVersion: autoscaling/v1",
            "autoscaling/v2",
        ),
        (
            "kind: HorizontalPodAutoscaler",
            "kind: Deployment",
            "no HorizontalPodAutoscaler",
        ),
        ("type: Pods", "type: Object", "Object"),
        ("metrics:", "metrics: []\n  other:", "other"),
        ("spec:", "spec: [", "no YAML"),
    ] {
        assert!(bare().contains(from), "{from}");
        let error = horizontal(&bare().replacen(from, to, 1))
            .expect_err(to)
            .to_string();
        assert!(error.contains(wanted), "{to}: {error}");
    }
    for (behavior, wanted) in [
        ("{scaleUp: {policies: []}}", "behavior.scaleUp"),
        ("{scaleDown: {stabilizationWindowSeconds: 3601}}", "3600"),
    ] {
        let error = horizontal(&format!("{}  behavior: {behavior}\n", bare()))
            .expect_err(behavior)
            .to_string();
        assert!(error.contains(wanted), "{error}");
    }
    let sometimes = deployed::LITERAL_VERTICAL.replace("updateMode: Auto", "updateMode: Sometimes");
    let error = vertical(&sometimes).expect_err("no mode");
    assert!(error.to_string().contains("Sometimes"), "{error}");
}
