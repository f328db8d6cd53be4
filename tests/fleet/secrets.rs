//! A Redis that speaks TLS and wants a password: both come from files, and what is wrong with them is told and not shown.

use std::{path::Path, time::Duration};

use serde_json::json;
use tests::{
    certificates::{Authority, Certified, Wanted},
    eventually,
    fake_azure::{FakeAzure, FakeAzureConfig},
    mcp_client::McpClient,
    redis_server::{RedisServer, free_port},
    server_under_test::{AzureBackend, ServerUnderTest, Settings, command, folder_with},
};

const PASSWORD: &str = "s3cret-of-redis";

/// A Redis that speaks TLS, with a certificate for `name`.
struct Guarded {
    redis: RedisServer,
    authority: Authority,
    port: u16,
}

/// What its certificate says, and whether it wants one of its clients.
#[derive(Clone, Copy)]
struct Door {
    name: &'static str,
    is_expired: bool,
    asks_clients: &'static str,
}

const GOOD: Door = Door {
    name: "localhost",
    is_expired: false,
    asks_clients: "no",
};

impl Guarded {
    async fn start(folder: &Path, door: Door) -> Self {
        let authority = Authority::new("redis authority");
        let certified = authority.certify(Wanted {
            dns: &[door.name],
            is_expired: door.is_expired,
            ..Wanted::default()
        });
        let write = |name: &str, content: &str| {
            let path = folder.join(name);
            std::fs::write(&path, content).expect("a writable folder");
            path.display().to_string()
        };
        let (certificate, key) = (
            write("redis.pem", &certified.certificate),
            write("redis.key", &certified.key),
        );
        let ca = write("ca.pem", &authority.pem());
        let port = free_port();
        let options = [
            ["--tls-port", &port.to_string()],
            ["--tls-cert-file", &certificate],
            ["--tls-key-file", &key],
            ["--tls-ca-cert-file", &ca],
            ["--tls-auth-clients", door.asks_clients],
            ["--requirepass", PASSWORD],
        ];
        let redis = RedisServer::start_with(&options.concat()).await;
        Self {
            redis,
            authority,
            port,
        }
    }

    fn settings(&self, ca: &str, password: &str, lines: &str) -> Settings {
        let shared = format!(
            "[shared]\nurls = [\"rediss://localhost:{}\"]\npassword_file = \"redis.password\"\nca_file = \"redis-ca.pem\"\n\
             timeout = \"2s\"\nconnect_timeout = \"5s\"\n{lines}\n",
            self.port
        );
        Settings::local()
            .server(&shared)
            .file("redis.password", &format!("{password}\n"))
            .file("redis-ca.pem", ca)
    }

    /// Settings of a server that shows this certificate.
    fn showing(&self, shown: &Certified) -> Settings {
        let lines = "client_certificate_file = \"client.pem\"\nclient_key_file = \"client.key\"";
        self.settings(&self.authority.pem(), PASSWORD, lines)
            .file("client.pem", &shown.certificate)
            .file("client.key", &shown.key)
    }
}

async fn up(server: &ServerUnderTest) -> f64 {
    server.metrics().await.sum("mcp_shared_state_up", &[])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_reached_over_tls_with_a_password_from_a_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let guarded = Guarded::start(folder.path(), GOOD).await;
    let good = guarded.settings(&guarded.authority.pem(), PASSWORD, "");
    let one = ServerUnderTest::start(&good).await;
    let other = ServerUnderTest::start(&good).await;
    assert!((up(&one).await, up(&other).await) == (1.0, 1.0), "{}", one.log());
    let session = McpClient::legacy(one.mcp_url()).await.expect("a session");
    let session = session.at(other.mcp_url());
    assert_eq!(session.request("tools/list", json!({})).await.status, 200);

    // Believed by another authority only; and the wrong password, until the file is right.
    let stranger = Authority::new("another authority");
    let server = ServerUnderTest::start(&guarded.settings(&stranger.pem(), PASSWORD, "")).await;
    assert!(up(&server).await < 0.5, "{}", server.log());
    let server = ServerUnderTest::start(&guarded.settings(&guarded.authority.pem(), "wr0ng", "")).await;
    assert!(up(&server).await < 0.5, "{}", server.log());
    assert!(!server.log().contains("wr0ng"), "{}", server.log());
    server.write_file("redis.password", PASSWORD);
    eventually("the new password is read", Duration::from_secs(20), async || {
        (up(&server).await > 0.5).then_some(())
    })
    .await;
    assert!(!server.log().contains(PASSWORD), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_that_changes_is_taken_up_while_all_goes_on() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let guarded = Guarded::start(folder.path(), GOOD).await;
    let server = ServerUnderTest::start(&guarded.settings(&guarded.authority.pem(), PASSWORD, "")).await;
    assert!(up(&server).await > 0.5, "{}", server.log());
    // A wrong one changes nothing: the connection of before stays.
    server.write_file("redis.password", "wr0ng");
    let told = async |part: &str| {
        eventually(part, Duration::from_secs(20), async || {
            server.log().contains(part).then_some(())
        })
        .await;
    };
    told("the connection of before stays").await;
    assert!(up(&server).await > 0.5, "{}", server.log());
    guarded
        .redis
        .ask(&["-a", PASSWORD, "config", "set", "requirepass", "an0ther"]);
    server.write_file("redis.password", "an0ther");
    told("reached anew").await;
    // Whoever holds on to the old one is thrown out: nobody does.
    guarded.redis.ask(&[
        "-a", "an0ther", "client", "kill", "type", "normal", "skipme", "yes",
    ]);
    told("the shared state is lost").await;
    eventually("it is back", Duration::from_secs(20), async || {
        (up(&server).await > 0.5).then_some(())
    })
    .await;
    for secret in [PASSWORD, "wr0ng", "an0ther"] {
        assert!(!server.log().contains(secret), "{}", server.log());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_is_not_who_it_should_be_is_not_believed_and_the_log_says_why() {
    for (door, believed, part) in [
        (GOOD, false, "UnknownIssuer"),
        (
            Door {
                name: "elsewhere.example",
                ..GOOD
            },
            true,
            "not valid for",
        ),
        (
            Door {
                is_expired: true,
                ..GOOD
            },
            true,
            "expired",
        ),
    ] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let guarded = Guarded::start(folder.path(), door).await;
        let ca = if believed {
            guarded.authority.pem()
        } else {
            Authority::new("another authority").pem()
        };
        let server = ServerUnderTest::start(&guarded.settings(&ca, PASSWORD, "")).await;
        assert!(up(&server).await < 0.5, "{}", server.log());
        let log = server.log();
        assert!(
            log.contains("the shared state is lost") && log.contains(part),
            "{part} in {log}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_asks_for_a_certificate_gets_one_and_a_new_one_when_it_changes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let door = Door {
        asks_clients: "yes",
        ..GOOD
    };
    let guarded = Guarded::start(folder.path(), door).await;
    let certify = |is_expired| {
        guarded.authority.certify(Wanted {
            common_name: Some("mcp-server"),
            is_expired,
            ..Wanted::default()
        })
    };
    let server = ServerUnderTest::start(&guarded.showing(&certify(false))).await;
    assert!(up(&server).await > 0.5, "{}", server.log());
    let nobody = ServerUnderTest::start(&guarded.settings(&guarded.authority.pem(), PASSWORD, "")).await;
    assert!(up(&nobody).await < 0.5, "{}", nobody.log());
    let late = ServerUnderTest::start(&guarded.showing(&certify(true))).await;
    assert!(up(&late).await < 0.5, "{}", late.log());
    // Key first, then certificate: in between they do not fit, and the connection of before is used.
    let renewed = certify(false);
    for server in [&server, &late] {
        server.write_file("client.key", &renewed.key);
        server.write_file("client.pem", &renewed.certificate);
    }
    eventually("it is let in", Duration::from_secs(20), async || {
        (up(&late).await > 0.5).then_some(())
    })
    .await;
    eventually("it goes over", Duration::from_secs(20), async || {
        server.log().contains("reached anew").then_some(())
    })
    .await;
    assert!(up(&server).await > 0.5, "{}", server.log());
    for server in [server, late, nobody] {
        assert!(!server.log().contains("PRIVATE KEY"), "{}", server.log());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shared_state_that_cannot_be_is_refused_at_the_start() {
    for (lines, part) in [
        ("urls = [\"redis://10.0.0.1:6379\"]", "without TLS"),
        ("urls = [\"http://127.0.0.1\"]", "no address of Redis"),
        (
            "urls = [\"redis://127.0.0.1\", \"redis://127.0.0.2\"]",
            "shared.cluster",
        ),
        ("urls = []", "names no server"),
        (
            "urls = [\"redis://127.0.0.1\"]\npassword_file = \"none\"",
            "password_file",
        ),
    ] {
        let folder = folder_with(&format!("[shared]\n{lines}\n"));
        let mut serve = command(folder.path());
        serve.args(["serve", "--listen", "127.0.0.1:0", "--config", "mcp-server.toml"]);
        let run = tokio::time::timeout(Duration::from_mins(1), serve.output()).await;
        let output = run.expect("it ends by itself").expect("it can be started");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{errors}");
        assert!(
            errors.contains(part) && errors.contains("shared."),
            "{part} in {errors}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_need_no_more_of_redis_than_the_documentation_says() {
    let docs = include_str!("../../docs/security.md");
    let (_, rules) = docs.split_once("`user b2x on >… ").expect("rules of a user");
    let (rules, _) = rules.split_once('`').expect("their end");
    let password = format!(">{PASSWORD}");
    let mut options = vec!["--user", "b2x", "on", &password];
    options.extend(rules.split_whitespace());
    let redis = RedisServer::start_with(&options).await;
    let fake = FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port");
    let settings = Settings::default()
        .with_azure(&fake, &AzureBackend::default())
        .server("[tenancy]\nrequests_per_minute = 100\nbudget_day = 5.0\n")
        .server(&format!(
            "[shared]\nurls = [\"{}\"]\nusername = \"b2x\"\npassword_file = \"redis.password\"\ntimeout = \"2s\"\n",
            redis.url()
        ))
        .file("redis.password", PASSWORD);
    let mut server = ServerUnderTest::start(&settings).await;
    let session = McpClient::legacy(server.mcp_url()).await.expect("a session");
    let answer = session
        .call("classify_ticket", json!({"text": "Where is my parcel?"}))
        .await;
    assert_eq!(answer.answer().backend(), "azure");
    assert_eq!(session.close().await, 202);
    // A circuit opens, is tried, and closes.
    let labels = [("backend", "azure")];
    fake.faults().always("status=503".parse().expect("a fault"));
    for expected in [2.0, 0.0] {
        eventually("the circuit changes", Duration::from_mins(1), async || {
            server
                .client()
                .call("classify_ticket", json!({"text": "Where?"}))
                .await;
            let state = server.metrics().await.sum("llm_breaker_state", &labels);
            ((state - expected).abs() < 0.5).then_some(())
        })
        .await;
        fake.faults().clear();
    }
    assert!(up(&server).await > 0.5, "{}", server.log());
    server.sigterm().await;
    assert!(server.wait(Duration::from_secs(30)).await.success());
    assert_eq!(redis.ask(&["acl", "log"]).trim(), "", "{}", server.log());
    assert!(!server.log().contains("is lost"), "{}", server.log());
}
