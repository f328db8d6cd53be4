//! Whom Alertmanager tells what: its configuration and each route, with amtool.

use super::artefacts;
use crate::tools;

const CONFIG: &str = "observability/alertmanager/alertmanager.yaml";

#[test]
fn the_configuration_is_what_alertmanager_reads() {
    tools::run(
        tools::tool("amtool")
            .arg("check-config")
            .arg(tools::deploy(CONFIG)),
    );
}

fn routed(labels: &[&str], receivers: &str) -> bool {
    let mut command = tools::tool("amtool");
    command
        .args(["config", "routes", "test"])
        .arg(format!("--config.file={}", tools::deploy(CONFIG).display()))
        .arg(format!("--verify.receivers={receivers}"))
        .args(labels);
    tools::end(&mut command).status.success()
}

#[test]
fn each_severity_goes_where_the_architecture_says() {
    for (labels, receivers) in [
        (
            &[
                "alertname=HighErrorRate",
                "severity=critical",
                "environment=production",
            ][..],
            "pagerduty,slack",
        ),
        (
            &[
                "alertname=HighLatency",
                "severity=warning",
                "environment=production",
            ],
            "slack",
        ),
        (
            &[
                "alertname=CertificateExpiry",
                "severity=warning",
                "channel=email",
                "environment=production",
            ],
            "email",
        ),
        (
            &["alertname=Watchdog", "severity=none", "environment=production"],
            "heartbeat",
        ),
        (
            &["alertname=Watchdog", "severity=none", "environment=staging"],
            "heartbeat",
        ),
        // Nobody is woken for these.
        (
            &[
                "alertname=HighErrorRate",
                "severity=critical",
                "environment=staging",
            ],
            "slack",
        ),
        (
            &[
                "alertname=HighErrorRate",
                "severity=critical",
                "environment=development",
            ],
            "slack",
        ),
        // Doubt is in favour of waking somebody, and nothing is lost.
        (
            &["alertname=HighErrorRate", "severity=critical"],
            "pagerduty,slack",
        ),
        (&["alertname=Unheard", "severity=odd"], "slack"),
    ] {
        assert!(routed(labels, receivers), "{labels:?} do not go to {receivers}");
    }
    assert!(
        !routed(&["alertname=HighLatency", "severity=warning"], "pagerduty"),
        "amtool agrees to anything"
    );
}

#[test]
fn each_rule_has_labels_that_routes_know() {
    for rule in artefacts::rules() {
        let Some(alert) = rule.alert() else { continue };
        let labels = &rule.json["labels"];
        let label = |name: &str| artefacts::text(&labels[name]);
        let (severity, channel) = (label("severity"), label("channel"));
        let receivers = match (severity.as_str(), channel.as_str()) {
            ("none", "") => "heartbeat",
            ("critical", "") => "pagerduty,slack",
            ("warning", "") => "slack",
            ("warning", "email") => "email",
            other => panic!("{alert}: no route is meant for {other:?}"),
        };
        let named: Vec<String> = [
            format!("alertname={alert}"),
            format!("severity={severity}"),
            format!("channel={channel}"),
            "environment=production".to_owned(),
        ]
        .into();
        let named: Vec<&str> = named.iter().map(String::as_str).collect();
        assert!(routed(&named, receivers), "{alert} does not go to {receivers}");
    }
}
