//! A Redis that speaks TLS and wants a password: both come from files, and what is wrong with them is told and not shown.

use std::{path::Path, time::Duration};

use serde_json::json;
use tests::{
    certificates::{Authority, Wanted},
    eventually,
    mcp_client::McpClient,
    redis_server::{RedisServer, free_port},
    server_under_test::{ServerUnderTest, Settings, command, folder_with},
};

const PASSWORD: &str = "s3cret-of-redis";

struct Guarded {
    _redis: RedisServer,
    authority: Authority,
    port: u16,
}

impl Guarded {
    async fn start(folder: &Path) -> Self {
        let authority = Authority::new("redis authority");
        let certified = authority.certify(Wanted {
            dns: &["localhost"],
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
            ["--tls-auth-clients", "no"],
            ["--requirepass", PASSWORD],
        ];
        let redis = RedisServer::start_with(&options.concat()).await;
        Self {
            _redis: redis,
            authority,
            port,
        }
    }

    fn settings(&self, ca: &str, password: &str) -> Settings {
        let shared = format!(
            "[shared]\nurls = [\"rediss://localhost:{}\"]\npassword_file = \"redis.password\"\nca_file = \"redis-ca.pem\"\n\
             timeout = \"2s\"\nconnect_timeout = \"5s\"\n",
            self.port
        );
        Settings::local()
            .server(&shared)
            .file("redis.password", &format!("{password}\n"))
            .file("redis-ca.pem", ca)
    }
}

async fn up(server: &ServerUnderTest) -> f64 {
    server.metrics().await.sum("mcp_shared_state_up", &[])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_reached_over_tls_with_a_password_from_a_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let guarded = Guarded::start(folder.path()).await;
    let good = guarded.settings(&guarded.authority.pem(), PASSWORD);
    let one = ServerUnderTest::start(&good).await;
    let other = ServerUnderTest::start(&good).await;
    assert!((up(&one).await, up(&other).await) == (1.0, 1.0), "{}", one.log());
    let session = McpClient::legacy(one.mcp_url()).await.expect("a session");
    let session = session.at(other.mcp_url());
    assert_eq!(session.request("tools/list", json!({})).await.status, 200);

    // Believed by another authority only; and the wrong password, until the file is right.
    let stranger = Authority::new("another authority");
    let server = ServerUnderTest::start(&guarded.settings(&stranger.pem(), PASSWORD)).await;
    assert!(up(&server).await < 0.5, "{}", server.log());
    let server = ServerUnderTest::start(&guarded.settings(&guarded.authority.pem(), "wr0ng")).await;
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
