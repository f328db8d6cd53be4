//! The configurations of `deploy/`, loaded by the program that ships, and the probes, driven against it.

use std::{path::Path, process::Command, time::Duration};

use serde_json::Value;
use tempfile::TempDir;
use tests::{
    certificates::{Authority, Wanted, https_client},
    eventually,
    metrics::Metrics,
    server_under_test::{ServerUnderTest, folder_with, program},
};

use super::render::{self, OVERLAYS, production};
use crate::documents::{find, of_kind, title};

/// What mounted secrets hold, beside the certificate.
const MOUNTED: [(&str, &str); 5] = [
    ("mcp-server/vault/azure-openai-key", "no real key"),
    ("mcp-server/ledger/username", "nobody"),
    ("mcp-server/ledger/password", "no real password"),
    ("mcp-server/identity/token", "no real token"),
    ("local-llm/keys/keys.jsonl", ""),
];

/// The configuration of a workload in a rendering, as a pod finds it: with the files that it names.
fn mounted(documents: &[Value], workload: &str, authority: &Authority) -> TempDir {
    let spec = &find(documents, "Deployment", workload)["spec"]["template"]["spec"];
    let volumes = spec["volumes"].as_array().expect("volumes");
    let config = volumes
        .iter()
        .find(|volume| volume["name"] == "config")
        .expect("a volume with the configuration");
    let map = find(
        documents,
        "ConfigMap",
        config["configMap"]["name"].as_str().expect("a name"),
    );
    let text = map["data"]["mcp-server.toml"]
        .as_str()
        .expect("the file that the arguments name");
    for mount in spec["containers"][0]["volumeMounts"].as_array().expect("mounts") {
        let volume = volumes.iter().find(|volume| volume["name"] == mount["name"]);
        assert!(
            volume.is_some(),
            "{} is mounted and does not exist",
            mount["name"]
        );
    }
    let folder = folder_with("");
    let secrets = folder.path().join("secrets");
    // An issuer, a ledger and a Redis that are not reached: the server starts without them.
    let text = text
        .replace("/run/secrets", &secrets.display().to_string())
        .replace("/var/lib/mcp-server", &secrets.display().to_string())
        .replace("https://login.example.com/", "https://127.0.0.1:9/")
        .replace("b2xgate.postgres.database.azure.com:5432", "127.0.0.1:9")
        .replace("b2xgate.swedencentral.redis.azure.net:10000", "127.0.0.1:9");
    std::fs::write(folder.path().join("mcp-server.toml"), text).expect("a writable folder");
    let server = authority.certify(Wanted {
        dns: &["127.0.0.1", "mcp-server.b2x-application.svc"],
        ..Wanted::default()
    });
    let tls = secrets.join(workload).join("tls");
    write(&tls.join("tls.crt"), &server.certificate);
    write(&tls.join("tls.key"), &server.key);
    write(&tls.join("ca.crt"), &authority.pem());
    for (file, content) in MOUNTED {
        write(&secrets.join(file), content);
    }
    folder
}

fn write(path: &Path, content: &str) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a writable folder");
    std::fs::write(path, content).expect("a writable folder");
}

/// What `config check` says of the configuration in a folder.
fn check(folder: &Path) -> (bool, String) {
    let mut command = Command::new(program());
    command.env_clear().env("HOME", folder).current_dir(folder).args([
        "config",
        "check",
        "--config",
        "mcp-server.toml",
    ]);
    let output = command.output().expect("the program runs");
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

#[test]
fn the_real_program_accepts_every_configuration() {
    let authority = Authority::new("B2XGate services");
    for name in render::everything() {
        let documents = render::rendered(&name);
        for workload in of_kind(&documents, "Deployment") {
            let workload = workload["metadata"]["name"].as_str().expect("a name");
            let folder = mounted(&documents, workload, &authority);
            let (accepted, said) = check(folder.path());
            assert!(accepted, "{name}, {workload}: {said}");
        }
    }
}

#[test]
fn a_configuration_with_a_slip_is_refused() {
    let authority = Authority::new("B2XGate services");
    for (right, wrong) in [
        ("drain_grace", "drain_graze"),
        ("capacity = 256", "capacity = 100"),
        ("capacity = 256", "capacity = \"many\""),
        ("certificate_file", "certificate"),
        ("chain = [\"azure\"", "chain = [\"azur\""),
        ("processing = \"eu\"", "processing = \"moon\""),
        ("deadline = \"50s\"", "deadline = \"50x\""),
        ("tls/tls.key", "tls/nothing.key"),
        ("https://b2xgate", "http://b2xgate"),
        ("kind = \"postgres\"", "kind = \"postgresql\""),
        ("url = \"postgres://", "url = \"postgres://gate:password@"),
        ("username_file", "user_file"),
        ("rediss://127.0.0.1", "redis://10.0.0.1"),
        ("identity/token", "identity/nothing"),
        ("[shared.workload_identity]", "[shared.identity]"),
        ("token_file = ", "password_file = "),
    ] {
        let folder = mounted(production(), "mcp-server", &authority);
        let file = folder.path().join("mcp-server.toml");
        let text = std::fs::read_to_string(&file).expect("it was just written");
        assert!(text.contains(right), "{right}");
        std::fs::write(&file, text.replace(right, wrong)).expect("a writable folder");
        assert!(!check(folder.path()).0, "{wrong} is accepted");
    }
}

/// The server as a pod of production runs it, on free ports of this machine.
async fn started(authority: &Authority) -> ServerUnderTest {
    let folder = mounted(production(), "mcp-server", authority);
    let ports = ["LISTEN", "METRICS_LISTEN"].map(|port| format!("MCP_SERVER__SERVER__{port}"));
    let mut environment: Vec<(&str, &str)> =
        ports.iter().map(|name| (name.as_str(), "127.0.0.1:0")).collect();
    // Nobody who gives tokens, either.
    environment.push(("AZURE_AUTHORITY_HOST", "https://127.0.0.1:9/"));
    ServerUnderTest::start_in(folder, &environment).await
}

/// Asks as the kubelet does: by the pod's address, with no certificate.
async fn probe(server: &ServerUnderTest, client: &reqwest::Client, name: &str) -> Option<(u16, Value)> {
    let container =
        &find(production(), "Deployment", "mcp-server")["spec"]["template"]["spec"]["containers"][0];
    let path = container[name]["httpGet"]["path"].as_str().expect("a path");
    let answer = client
        .get(server.url(path))
        .header("host", "10.244.1.17:8080")
        .send()
        .await
        .ok()?;
    Some((answer.status().as_u16(), answer.json().await.ok()?))
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_are_answered_from_the_start_to_the_end() {
    let authority = Authority::new("B2XGate services");
    let client = https_client(&authority, None);
    let mut server = started(&authority).await;
    assert!(server.mcp_url().starts_with("https://"), "{}", server.mcp_url());
    // As much as the probe allows: 30 times 5 s. It takes a moment.
    eventually("startup is passed", Duration::from_secs(150), async || {
        probe(&server, &client, "startupProbe")
            .await
            .filter(|(status, _)| *status == 200)
    })
    .await;
    for name in ["livenessProbe", "readinessProbe"] {
        let (status, said) = probe(&server, &client, name).await.expect("an answer");
        assert_eq!(status, 200, "{name}: {said}");
    }
    let refused = client
        .post(server.mcp_url())
        .body("{}")
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        refused.status(),
        401,
        "whoever comes without a credential is turned away"
    );
    let plain = tests::http_client()
        .get(server.url("/health/live").replace("https:", "http:"))
        .send()
        .await;
    assert!(plain.is_err(), "nothing is served in the clear");
    let scraped: Metrics = server.metrics().await;
    assert!(
        scraped.get("mcp_queue_depth", &[]).is_some(),
        "scaling has nothing to go by"
    );

    server.sigterm().await;
    eventually(
        "it says that it is not ready",
        Duration::from_secs(10),
        async || {
            let (status, said) = probe(&server, &client, "readinessProbe").await?;
            (status == 503 && said["status"] == "draining").then_some(())
        },
    )
    .await;
    let (status, _) = probe(&server, &client, "livenessProbe")
        .await
        .expect("it still answers");
    assert_eq!(status, 200, "a pod that drains is alive");
    let ended = server.wait(Duration::from_secs(75)).await;
    assert!(ended.success(), "{ended}");
}

#[test]
fn everything_rendered_that_runs_the_program_gives_it_its_configuration() {
    for overlay in OVERLAYS {
        for workload in of_kind(&render::rendered(overlay), "Deployment") {
            let container = &workload["spec"]["template"]["spec"]["containers"][0];
            assert_eq!(
                container["args"],
                serde_json::json!(["serve", "--config", "/etc/mcp-server/mcp-server.toml"]),
                "{}",
                title(workload)
            );
        }
    }
}
