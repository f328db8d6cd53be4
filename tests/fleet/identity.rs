//! A Redis that takes tokens of Entra ID in place of a password, as Azure's does: pods share limits, go over to each next token
//! without a failed call, and outlive a directory that is away.

use std::time::Duration;

use serde_json::json;
use tests::{
    entra::{ASSERTION, FakeEntra},
    eventually,
    fake_azure::{FakeAzure, FakeAzureConfig},
    ledger::run,
    redis_server::RedisServer,
    server_under_test::{AzureBackend, ServerUnderTest, Settings},
};

use crate::{
    lost::Load,
    pods::{PODS, Pods},
};

/// The object id of the identity, by which Redis knows it.
const PRINCIPAL: &str = "99999999-aaaa-bbbb-cccc-dddddddddddd";
const SCOPE: &str = "https://redis.azure.com/.default";
/// Of the test's own user.
const PASSWORD: &str = "s3cret-of-the-test";
/// A token is asked for anew after four seconds, and a failure leaves everybody alone for ten.
const SOON: Duration = Duration::from_secs(40);

/// A Redis, and the directory whose tokens it takes.
struct Guarded {
    redis: RedisServer,
    entra: FakeEntra,
}

impl Guarded {
    async fn start() -> Self {
        let entra = FakeEntra::start(PRINCIPAL, SCOPE).await;
        let redis = RedisServer::start_with(&["--requirepass", PASSWORD]).await;
        let guarded = Self { redis, entra };
        let token = format!(">{}", guarded.entra.token());
        guarded.acl(&["on", &token, "~*", "&*", "+@all"]);
        guarded
    }

    fn ask(&self, command: &[&str]) -> Result<String, String> {
        self.redis
            .try_ask(&[&["--no-auth-warning", "-a", PASSWORD], command].concat())
    }

    /// Changes the user of the identity.
    fn acl(&self, rules: &[&str]) {
        let command = [&["acl", "setuser", PRINCIPAL], rules].concat();
        self.ask(&command).expect("rules of a user");
    }

    /// The connections of the identity.
    fn connections(&self) -> Vec<String> {
        let clients = self.ask(&["client", "list"]).expect("a list");
        let of_identity = clients
            .lines()
            .filter(|line| line.contains(&format!("user={PRINCIPAL}")));
        of_identity
            .filter_map(|line| Some(line.strip_prefix("id=")?.split(' ').next()?.to_owned()))
            .collect()
    }

    /// Closes connections, as Azure does when their token ends; those that are gone already, too.
    fn close(&self, connections: &[String]) {
        for id in connections {
            let _ = self.ask(&["client", "kill", "id", id]);
        }
    }

    fn settings(&self, settings: Settings) -> Settings {
        settings
            .server(&format!(
                "[shared]\nurls = [\"{}\"]\ntimeout = \"2s\"\n\n[shared.workload_identity]\n{}",
                self.redis.url(),
                self.entra.lines()
            ))
            .file("cluster.token", &format!("{ASSERTION}\n"))
    }
}

async fn are_up(pods: &Pods, expected: f64) -> Option<()> {
    (pods.each("mcp_shared_state_up", &[]).await == [expected; PODS]).then_some(())
}

async fn all_say(pods: &Pods, part: &str) {
    eventually(part, SOON, async || {
        pods.servers
            .iter()
            .all(|server| server.log().contains(part))
            .then_some(())
    })
    .await;
}

fn is_kept_secret(servers: &[ServerUnderTest], tokens: &[&str]) {
    for server in servers {
        for secret in tokens {
            assert!(!server.log().contains(secret), "{}", server.log());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pods_that_log_in_with_a_token_share_limits() {
    let guarded = Guarded::start().await;
    let fake = FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port");
    let settings = Settings::default()
        .with_azure(&fake, &AzureBackend::default())
        .server("[tenancy]\nrequests_per_minute = 6\n");
    let pods = Pods::start(&guarded.settings(settings)).await;
    eventually("all have heard of each other", SOON, async || {
        (pods.each("mcp_fleet_servers", &[]).await == [3.0; PODS]).then_some(())
    })
    .await;
    let client = pods.client();
    let mut served = 0;
    for _ in 0..4 * PODS {
        let exchange = client
            .call("classify_ticket", json!({"text": "Where is my parcel?"}))
            .await;
        if exchange.result()["isError"] == true {
            assert_eq!(exchange.failure()["code"], "quota_exceeded");
        } else {
            served += 1;
        }
    }
    // Six, and what came back meanwhile; each for itself would have served all.
    assert!((6..=8).contains(&served), "{served} were served");
    let token = guarded.entra.token();
    is_kept_secret(&pods.servers, &[&token, ASSERTION]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_token_reaches_every_pod_while_calls_run_and_none_fails() {
    let guarded = Guarded::start().await;
    let pods = Pods::start(&guarded.settings(Settings::local())).await;
    are_up(&pods, 1.0).await.expect("every pod is let in");
    let mut load = Load::new();
    for _ in 0..2 * PODS {
        load.add(pods.client());
    }
    let old = guarded.entra.token();
    let before = guarded.connections();
    assert!(before.len() >= PODS, "{before:?}");
    // Both are good for a while, as two tokens of an identity are.
    let new = guarded.entra.next();
    guarded.acl(&[&format!(">{new}")]);
    guarded.entra.give(&new);
    all_say(&pods, "reached anew").await;
    // The old one ends, and with it whoever came by it.
    guarded.acl(&[&format!("<{old}")]);
    let login = ["auth", PRINCIPAL];
    assert!(guarded.ask(&[&login[..], &[&old]].concat()).is_err());
    guarded
        .ask(&[&login[..], &[&new]].concat())
        .expect("the new one is good");
    guarded.close(&before);
    let answered = guarded.entra.given();
    eventually("tokens are asked for again", SOON, async || {
        (guarded.entra.given() >= answered + PODS).then_some(())
    })
    .await;
    are_up(&pods, 1.0).await.expect("nobody held on to the old one");
    load.end().await;
    for server in &pods.servers {
        assert!(!server.log().contains("is lost"), "{}", server.log());
    }
    is_kept_secret(&pods.servers, &[&old, &new, ASSERTION]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_that_is_away_costs_nobody_a_call() {
    let guarded = Guarded::start().await;
    let pods = Pods::start(&guarded.settings(Settings::local())).await;
    are_up(&pods, 1.0).await.expect("every pod is let in");
    let mut load = Load::new();
    for _ in 0..PODS {
        load.add(pods.client());
    }
    guarded.entra.be_away(true);
    all_say(&pods, "there is no token for the shared state").await;
    are_up(&pods, 1.0).await.expect("what was opened stays open");
    let late = ServerUnderTest::start(&guarded.settings(Settings::local())).await;
    assert!(
        late.log().contains("no token from Entra ID: status 503"),
        "{}",
        late.log()
    );
    let (_, said, _) = run(late.folder(), &["doctor", "--config", "mcp-server.toml"]).await;
    assert!(
        said.contains("identity of the shared state")
            && said.contains("open outgoing connections to the authority"),
        "{said}"
    );
    // Redis closes what was opened with a token that has ended.
    guarded.close(&guarded.connections());
    all_say(&pods, "the shared state is lost").await;
    eventually("every pod says that it is alone", SOON, async || {
        are_up(&pods, 0.0).await
    })
    .await;
    assert_eq!(late.client().call("server_status", json!({})).await.status, 200);
    guarded.entra.be_away(false);
    eventually("every pod is back", SOON, async || are_up(&pods, 1.0).await).await;
    eventually("so is the late one", SOON, async || {
        (late.metrics().await.sum("mcp_shared_state_up", &[]) > 0.5).then_some(())
    })
    .await;
    let (_, said, _) = run(late.folder(), &["doctor", "--config", "mcp-server.toml"]).await;
    assert!(
        said.contains("Entra ID gave a token") && said.contains("limits are shared by"),
        "{said}"
    );
    load.end().await;
    let token = guarded.entra.token();
    is_kept_secret(&pods.servers, &[&token, ASSERTION]);
    is_kept_secret(&[late], &[&token, ASSERTION]);
}
