//! Rules: what promtool says of them, and that each alert has a test of its whole life.

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::json;

use super::artefacts::{self, items, text};
use crate::tools;

/// How long an alert goes on firing in its test, at least.
const FIRES_SECONDS: u64 = 15 * 60;

#[test]
fn rules_are_what_prometheus_reads() {
    let files = artefacts::files("prometheus/rules", "yaml");
    tools::run(
        tools::tool("promtool")
            .args(["check", "rules", "--lint=all", "--lint-fatal"])
            .args(files),
    );
}

/// Debian's Prometheus is built without Kubernetes, so what finds pods is looked at below, and left out here.
#[test]
fn the_configuration_is_what_prometheus_reads() {
    let mut config = artefacts::yaml(&tools::deploy("observability/prometheus/prometheus.yaml"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    for job in config["scrape_configs"].as_array_mut().expect("jobs") {
        let job = job.as_object_mut().expect("a job is a map");
        if job.remove("kubernetes_sd_configs").is_some() {
            job.insert("static_configs".to_owned(), json!([{"targets": ["pod:9464"]}]));
        }
    }
    let file = folder.path().join("prometheus.json");
    std::fs::write(&file, config.to_string()).expect("a writable folder");
    tools::run(
        tools::tool("promtool")
            .args(["check", "config", "--syntax-only"])
            .arg(file),
    );
}

#[test]
fn pods_are_scraped_one_by_one_on_the_port_that_the_workload_names() {
    let config = artefacts::yaml(&tools::deploy("observability/prometheus/prometheus.yaml"));
    let jobs = items(&config["scrape_configs"]);
    let job = jobs
        .iter()
        .find(|job| job["job_name"] == "mcp-server")
        .expect("a job of ours");
    assert_eq!(job["kubernetes_sd_configs"][0]["role"], "pod");
    let keeps = |label: &str, value: &str| {
        items(&job["relabel_configs"]).iter().any(|rule| {
            rule["action"] == "keep" && rule["source_labels"][0] == label && rule["regex"] == value
        })
    };
    assert!(keeps("__meta_kubernetes_pod_container_port_name", "metrics"));
    assert!(keeps(
        "__meta_kubernetes_pod_label_app_kubernetes_io_name",
        "mcp-server"
    ));
    let workload = tools::read("kubernetes/base/deployment.yaml");
    assert!(
        workload.contains("- name: metrics\n") && workload.contains("app.kubernetes.io/name: mcp-server")
    );
    let labels = ["namespace", "pod"];
    for label in labels {
        let set = items(&job["relabel_configs"])
            .iter()
            .any(|rule| rule["target_label"] == label);
        assert!(set, "the autoscaler's metric needs the label {label}");
    }
}

/// The Prometheus Operator would name the job after namespace and monitor, and no rule would find it.
#[test]
fn monitors_of_the_operator_name_the_job_that_rules_look_for() {
    for file in [
        "kubernetes/components/pod-monitor/pod-monitor.yaml",
        "charts/mcp-server/templates/pod-monitor.yaml",
    ] {
        let named = tools::read(file).contains("\n  jobLabel: app.kubernetes.io/name\n");
        assert!(named, "{file} names the job after itself");
    }
}

#[test]
fn alerts_fire_go_on_firing_and_resolve_as_their_tests_say() {
    for file in artefacts::files("prometheus/tests", "yaml") {
        tools::run(tools::tool("promtool").args(["test", "rules"]).arg(file));
    }
}

/// What one alert is expected to do: at which second how many fire.
type Life = BTreeMap<(String, u64), bool>;

/// Expectations of every test file, by alert and severity. A test that names no severity says it of all.
fn lives() -> BTreeMap<String, Life> {
    let mut lives: BTreeMap<String, Life> = BTreeMap::new();
    for file in artefacts::files("prometheus/tests", "yaml") {
        for (index, test) in items(&artefacts::yaml(&file)["tests"]).iter().enumerate() {
            for look in items(&test["promql_expr_test"]) {
                let expression = text(&look["expr"]);
                let Some(alert) = quoted_after(&expression, "alertname=") else {
                    continue;
                };
                let key = match quoted_after(&expression, "severity=") {
                    Some(severity) => format!("{alert} {severity}"),
                    None => alert,
                };
                let fires = !items(&look["exp_samples"]).is_empty();
                let at = seconds(&text(&look["eval_time"]));
                let scene = format!("{} {index}", artefacts::name(&file));
                lives.entry(key).or_default().insert((scene, at), fires);
            }
        }
    }
    lives
}

fn quoted_after(text: &str, word: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("{word}\""))?;
    rest.split_once('"').map(|(value, _)| value.to_owned())
}

/// `90m`, `2h`.
fn seconds(duration: &str) -> u64 {
    let (number, unit) = duration.split_at(duration.len() - 1);
    let number: u64 = number.parse().expect("a number and a unit");
    number
        * match unit {
            "h" => 3600,
            "m" => 60,
            "s" => 1,
            other => panic!("no unit: {other}"),
        }
}

/// Silent, firing, firing a quarter of an hour later, silent: in one scene, in this order.
fn is_whole(life: &Life) -> bool {
    let scenes: std::collections::BTreeSet<&String> = life.keys().map(|(scene, _)| scene).collect();
    scenes.into_iter().any(|scene| {
        let looks: Vec<(u64, bool)> = life
            .iter()
            .filter(|((of, _), _)| of == scene)
            .map(|((_, at), fires)| (*at, *fires))
            .collect();
        let fired: Vec<u64> = looks
            .iter()
            .filter(|(_, fires)| *fires)
            .map(|(at, _)| *at)
            .collect();
        let (Some(first), Some(last)) = (fired.first(), fired.last()) else {
            return false;
        };
        last - first >= FIRES_SECONDS
            && looks.iter().any(|(at, fires)| !fires && at < first)
            && looks.iter().any(|(at, fires)| !fires && at > last)
    })
}

#[test]
fn each_alert_has_a_test_of_its_whole_life() {
    let lives = lives();
    for rule in artefacts::rules() {
        let Some(alert) = rule.alert() else { continue };
        // It always fires; its end is what is noticed.
        if alert == "Watchdog" {
            continue;
        }
        let by_severity = format!("{alert} {}", text(&rule.json["labels"]["severity"]));
        let life = lives.get(&by_severity).or_else(|| lives.get(alert));
        assert!(life.is_some_and(is_whole), "{by_severity}: {life:?}");
    }
}

#[test]
fn half_a_life_is_told_from_a_whole_one() {
    let life = |looks: &[(u64, bool)]| -> Life {
        looks
            .iter()
            .map(|(at, fires)| (("a".to_owned(), *at), *fires))
            .collect()
    };
    assert!(is_whole(&life(&[
        (0, false),
        (60, true),
        (960, true),
        (2000, false)
    ])));
    for looks in [
        &[(60, true), (960, true), (2000, false)][..],
        &[(0, false), (60, true), (900, true), (2000, false)],
        &[(0, false), (60, true), (960, true)],
        &[(0, false)],
    ] {
        assert!(!is_whole(&life(looks)), "{looks:?}");
    }
}

/// The table of the cloud architecture: alert, what its rule has to say, how long, severity.
#[test]
fn the_six_alerts_of_the_architecture_are_as_it_says() {
    let rules = artefacts::rules();
    for (alert, condition, wait, severity) in [
        ("HighErrorRate", "> 0.01", "5m", "critical"),
        ("HighLatency", "p99 > 2", "10m", "warning"),
        ("PodCrashLoop", "[5m]) > 3", "", "critical"),
        ("DatabaseConnectionsHigh", "> 0.8", "5m", "warning"),
        ("DiskSpace", "> 0.85", "10m", "warning"),
        ("CertificateExpiry", "/ 86400 < 14", "1h", "warning"),
    ] {
        let rule = rules.iter().find(|rule| rule.alert() == Some(alert));
        let rule = &rule.unwrap_or_else(|| panic!("there is no {alert}")).json;
        assert!(
            text(&rule["expr"]).contains(condition),
            "{alert}: {}",
            rule["expr"]
        );
        assert_eq!(text(&rule["for"]), wait, "{alert}");
        assert_eq!(text(&rule["labels"]["severity"]), severity, "{alert}");
    }
}

/// The table of objectives, as far as series can say it.
#[test]
fn the_objectives_of_the_architecture_are_as_it_says() {
    let rules = artefacts::rules();
    let objective = |slo: &str| {
        let found = rules
            .iter()
            .find(|rule| rule.record() == Some("slo:objective") && rule.json["labels"]["slo"] == slo);
        found.map(|rule| text(&rule.json["expr"])).unwrap_or_default()
    };
    for (slo, expression) in [
        ("availability", "vector(0.999)"),
        ("errors", "vector(0.999)"),
        ("own_work_p95", "vector(0.95)"),
        ("own_work_p99", "vector(0.99)"),
        ("first_token", "vector(0.95)"),
        ("full_answer", "vector(0.95)"),
    ] {
        assert_eq!(objective(slo), expression, "{slo}");
        for series in ["slo:events:rate5m", "slo:bad:rate5m"] {
            let known = rules
                .iter()
                .any(|rule| rule.record() == Some(series) && rule.json["labels"]["slo"] == slo);
            assert!(known, "{series} of {slo} is not recorded");
        }
    }
}

/// Thresholds of latency are bounds of the server's histograms: another bound would read an empty series.
#[test]
fn each_bucket_that_is_named_is_one_of_the_servers() {
    let path: PathBuf = tools::root().join("mcp-server/src/telemetry/buckets.rs");
    let definitions = std::fs::read_to_string(path).expect("the bounds are defined");
    let mut bounds = 0;
    for rule in artefacts::rules() {
        let Some(bound) = quoted_after(&text(&rule.json["expr"]), "le=") else {
            continue;
        };
        let defined = [format!(" {bound},"), format!(" {bound}\n"), format!(" {bound}0,")];
        assert!(
            defined.iter().any(|text| definitions.contains(text)),
            "{bound}: {:?}",
            rule.record()
        );
        bounds += 1;
    }
    assert_eq!(bounds, 4, "four objectives of latency");
}
