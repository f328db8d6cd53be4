//! Alerts on their way through a real Alertmanager to stand-ins for `PagerDuty`, Slack, the mail server and the heartbeat.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, extract::Path, routing::post};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use super::{artefacts, process::Running};
use crate::tools;

const DELIVERY_LIMIT: Duration = Duration::from_mins(1);

/// What arrived: where, and the text.
#[derive(Clone, Default)]
struct Arrivals(Arc<Mutex<Vec<(String, String)>>>);

impl Arrivals {
    fn add(&self, place: &str, text: String) {
        self.all().push((place.to_owned(), text));
    }

    fn all(&self) -> std::sync::MutexGuard<'_, Vec<(String, String)>> {
        self.0.lock().expect("nothing panics while it holds the arrivals")
    }

    /// Whether a message at this place has all of these words.
    fn has(&self, place: &str, words: &[&str]) -> bool {
        self.all()
            .iter()
            .any(|(at, text)| at == place && words.iter().all(|word| text.contains(word)))
    }

    async fn wait_for(&self, place: &str, words: &[&str]) {
        let what = format!("{words:?} at {place}");
        tests::eventually(&what, DELIVERY_LIMIT, async || {
            self.has(place, words).then_some(())
        })
        .await;
    }
}

/// Takes whatever is posted, by path.
async fn http_sink(arrivals: Arrivals) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound listener has an address");
    let take = move |Path(place): Path<String>, body: String| {
        arrivals.add(&place, body);
        // What PagerDuty says, and Slack does not mind.
        std::future::ready((axum::http::StatusCode::ACCEPTED, r#"{"status":"success"}"#))
    };
    let routes = Router::new().route("/{place}", post(take));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}")
}

/// A mail server that takes everything.
async fn mail_sink(arrivals: Arrivals) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound listener has an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(take_mail(stream, arrivals.clone()));
        }
    });
    address.to_string()
}

async fn take_mail(stream: TcpStream, arrivals: Arrivals) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let (mut in_data, mut mail) = (false, String::new());
    write.write_all(b"220 sink\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let answer: &[u8] = match (in_data, line.split(' ').next().unwrap_or_default()) {
            (true, ".") => {
                in_data = false;
                arrivals.add("mail", std::mem::take(&mut mail));
                b"250 taken\r\n"
            }
            (true, _) => {
                mail.push_str(&line);
                mail.push('\n');
                continue;
            }
            (false, "DATA") => {
                in_data = true;
                b"354 go on\r\n"
            }
            (false, "QUIT") => b"221 bye\r\n",
            (false, _) => b"250 sink\r\n",
        };
        write.write_all(answer).await?;
    }
    Ok(())
}

/// The committed configuration, with addresses and secrets of the stand-ins, and without its waits.
fn configure(http: &str, mail: &str, folder: &std::path::Path) -> Value {
    let secret = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("a writable folder");
        json!(path)
    };
    let mut config = artefacts::yaml(&tools::deploy("observability/alertmanager/alertmanager.yaml"));
    config["global"]["slack_api_url_file"] = secret("slack", &format!("{http}/slack"));
    config["global"]["smtp_smarthost"] = json!(mail);
    config["global"]["smtp_require_tls"] = json!(false);
    config["route"]["group_wait"] = json!("100ms");
    config["route"]["group_interval"] = json!("500ms");
    for receiver in config["receivers"].as_array_mut().expect("receivers") {
        if receiver["pagerduty_configs"].is_array() {
            receiver["pagerduty_configs"][0]["routing_key_file"] = secret("pagerduty", "a-key");
            receiver["pagerduty_configs"][0]["url"] = json!(format!("{http}/pagerduty"));
        }
        if receiver["webhook_configs"].is_array() {
            receiver["webhook_configs"][0]["url"] = json!(format!("{http}/heartbeat"));
            receiver["webhook_configs"][0]["http_config"]["authorization"]["credentials_file"] =
                secret("heartbeat", "a-credential");
        }
    }
    config
}

/// One alert, as Prometheus would send it: with the labels and notes of its rule.
fn alert(name: &str, severity: &str, more: &Value) -> Value {
    let rules = artefacts::rules();
    let rule = rules
        .iter()
        .find(|rule| rule.alert() == Some(name) && rule.json["labels"]["severity"] == severity)
        .unwrap_or_else(|| panic!("there is no {severity} {name}"));
    let mut labels = rule.json["labels"].clone();
    labels["alertname"] = json!(name);
    labels["cluster"] = json!("b2x-eu");
    for (key, value) in more.as_object().into_iter().flatten() {
        labels[key] = value.clone();
    }
    let link = rule.json["annotations"]["runbook_url"].clone();
    json!({"labels": labels, "annotations": {"summary": format!("{name} it is"), "runbook_url": link}})
}

async fn send(alertmanager: &Running, alerts: &[Value]) {
    let answer = tests::http_client()
        .post(format!("{}/api/v2/alerts", alertmanager.url))
        .json(alerts)
        .send()
        .await
        .expect("Alertmanager can be reached");
    assert!(answer.status().is_success(), "{:?}", answer.text().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alerts_reach_whom_they_should_and_their_consequences_do_not() {
    let arrivals = Arrivals::default();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (http, mail) = (
        http_sink(arrivals.clone()).await,
        mail_sink(arrivals.clone()).await,
    );
    let config = configure(&http, &mail, folder.path());
    let alertmanager = Running::alertmanager(&config, folder).await;
    let production = json!({"environment": "production"});

    // The cause first, so that it is known when its consequence arrives.
    let error_rate = alert("HighErrorRate", "critical", &production);
    send(&alertmanager, std::slice::from_ref(&error_rate)).await;
    arrivals
        .wait_for(
            "pagerduty",
            &[
                "HighErrorRate",
                "trigger",
                "a-key",
                "docs/runbooks/HighErrorRate.md",
            ],
        )
        .await;
    arrivals
        .wait_for("slack", &["[FIRING] HighErrorRate (production)"])
        .await;
    let burn = json!({"environment": "production", "slo": "errors"});
    let elsewhere = json!({"environment": "production", "slo": "first_token"});
    send(
        &alertmanager,
        &[
            alert("ErrorBudgetBurn", "critical", &burn),
            alert("ErrorBudgetBurn", "critical", &elsewhere),
            alert("HighLatency", "warning", &production),
            alert("CertificateExpiry", "warning", &production),
            alert("Watchdog", "none", &production),
            alert(
                "NoBackendAvailable",
                "critical",
                &json!({"environment": "staging"}),
            ),
        ],
    )
    .await;
    arrivals
        .wait_for("slack", &["[FIRING] HighLatency (production)"])
        .await;
    arrivals
        .wait_for("mail", &["CertificateExpiry", "To: platform-team"])
        .await;
    arrivals.wait_for("heartbeat", &["Watchdog"]).await;
    arrivals
        .wait_for("slack", &["[FIRING] NoBackendAvailable (staging)"])
        .await;
    arrivals.wait_for("pagerduty", &["ErrorBudgetBurn"]).await;

    // Resolved, and told so.
    let mut ended = error_rate;
    ended["endsAt"] = json!("2020-01-01T00:00:00Z");
    send(&alertmanager, &[ended]).await;
    arrivals
        .wait_for("pagerduty", &["HighErrorRate", "resolve"])
        .await;

    assert!(
        !arrivals.has("pagerduty", &["ErrorBudgetBurn", "\"errors\""]),
        "a consequence woke somebody again"
    );
    let pages = |word: &str| {
        arrivals
            .all()
            .iter()
            .any(|(at, text)| at == "pagerduty" && text.contains(word))
    };
    assert!(
        !pages("HighLatency") && !pages("CertificateExpiry") && !pages("Watchdog"),
        "a warning woke somebody"
    );
    assert!(!pages("NoBackendAvailable"), "somebody was woken for staging");
    assert!(
        !arrivals.has("slack", &["CertificateExpiry"]),
        "a certificate goes by e-mail"
    );
}
