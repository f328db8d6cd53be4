//! Prometheus and Alertmanager as processes on free ports, in folders of their own. Ended when dropped.

use std::{net::TcpListener, path::Path, process::Stdio, time::Duration};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    time::Instant,
};

use super::artefacts::{self, items};
use crate::tools;

const START_LIMIT: Duration = Duration::from_mins(2);

/// A running program and its folder.
pub(super) struct Running {
    _child: Child,
    pub(super) url: String,
    _folder: TempDir,
}

/// A port that was free a moment ago.
pub(super) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener
        .local_addr()
        .expect("a bound listener has an address")
        .port()
}

impl Running {
    /// Starts a program and waits until it says that it is ready.
    async fn start(program: &str, arguments: &[String], address: &str, folder: TempDir) -> Self {
        let mut command: Command = tools::tool(program).into();
        command
            .args(arguments)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.path().join("log")).expect("a writable folder"))
            .kill_on_drop(true);
        let mut child = command.spawn().unwrap_or_else(|error| {
            panic!("{program} does not run ({error}): try `cargo xtask test --only deploy`")
        });
        let url = format!("http://{address}");
        let http = tests::http_client();
        let end = Instant::now() + START_LIMIT;
        while !is_ready(&http, &url).await {
            let ended = child.try_wait().expect("a child can be asked");
            if ended.is_some() || Instant::now() > end {
                let log = std::fs::read_to_string(folder.path().join("log")).unwrap_or_default();
                panic!("{program} is not ready ({ended:?}):\n{log}");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Self {
            _child: child,
            url,
            _folder: folder,
        }
    }

    /// Prometheus with the committed rules, which looks each second at what listens on these addresses.
    pub(super) async fn prometheus(jobs: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for path in artefacts::files("prometheus/rules", "yaml") {
            write(
                &folder.path().join(artefacts::name(&path)),
                &at_once(artefacts::yaml(&path)),
            );
        }
        let scrapes: Vec<Value> = jobs
            .iter()
            .map(|(job, address)| json!({"job_name": job, "honor_labels": true, "static_configs": [{"targets": [address]}]}))
            .collect();
        let config = json!({
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": [folder.path().join("*.yaml")],
            "scrape_configs": scrapes,
        });
        let file = folder.path().join("prometheus.json");
        write(&file, &config);
        let address = format!("127.0.0.1:{}", free_port());
        let arguments = [
            format!("--config.file={}", file.display()),
            format!("--storage.tsdb.path={}", folder.path().join("data").display()),
            format!("--web.listen-address={address}"),
        ];
        Self::start("prometheus", &arguments, &address, folder).await
    }

    /// Alertmanager with this configuration. `folder` may hold files that it names.
    pub(super) async fn alertmanager(config: &Value, folder: TempDir) -> Self {
        let file = folder.path().join("alertmanager.json");
        write(&file, config);
        let address = format!("127.0.0.1:{}", free_port());
        let arguments = [
            format!("--config.file={}", file.display()),
            format!("--storage.path={}", folder.path().join("data").display()),
            format!("--web.listen-address={address}"),
            "--cluster.listen-address=".to_owned(),
        ];
        Self::start("prometheus-alertmanager", &arguments, &address, folder).await
    }

    /// The values of an expression now, those that are numbers.
    pub(super) async fn ask(&self, expression: &str) -> Result<Vec<f64>, String> {
        let request = tests::http_client()
            .get(url::query(&self.url, expression))
            .send()
            .await;
        let answer: Value = request
            .map_err(|error| error.to_string())?
            .json()
            .await
            .map_err(|error| error.to_string())?;
        if answer["status"] != "success" {
            return Err(answer["error"].to_string());
        }
        let samples = items(&answer["data"]["result"]);
        let values = samples
            .iter()
            .filter_map(|sample| sample["value"][1].as_str()?.parse::<f64>().ok());
        Ok(values.filter(|value| value.is_finite()).collect())
    }
}

async fn is_ready(http: &reqwest::Client, url: &str) -> bool {
    let answer = http.get(format!("{url}/-/ready")).send().await;
    answer.is_ok_and(|answer| answer.status().is_success())
}

/// JSON is YAML.
fn write(path: &Path, value: &Value) {
    std::fs::write(path, value.to_string()).expect("a writable folder");
}

/// Rules that are followed each second, whatever interval their group has.
fn at_once(mut file: Value) -> Value {
    for group in file["groups"].as_array_mut().into_iter().flatten() {
        group
            .as_object_mut()
            .expect("a group is a map")
            .remove("interval");
    }
    file
}

/// Addresses of Prometheus' API.
mod url {
    /// An instant query.
    pub(super) fn query(base: &str, expression: &str) -> String {
        let escaped: String = expression
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            })
            .collect();
        format!("{base}/api/v1/query?query={escaped}")
    }
}
