//! TLS and client certificates: real handshakes, good ones and others, and certificates that change under load.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use tests::{
    certificates::{ANY_VERSION, Authority, Certified, Wanted, https_builder, https_client},
    eventually,
    mcp_client::{Exchange, McpClient},
    server_under_test::{ServerUnderTest, Settings},
};

const TLS: &str = "[server.tls]\ncertificate_file = \"server.pem\"\nkey_file = \"server.key\"\n";

fn server_certificate(authority: &Authority) -> Certified {
    authority.certify(Wanted {
        dns: &["localhost", "127.0.0.1"],
        ..Wanted::default()
    })
}

/// A server that speaks TLS, and maps the client `erp.acme.example` and `spiffe://cluster/bolt`.
async fn start(servers: &Authority, clients: &Authority, required: bool) -> ServerUnderTest {
    let auth = format!(
        "{TLS}[auth.client_certificates]\nca_file = \"clients.pem\"\nrequired = {required}\n\
         [[auth.client_certificates.clients]]\nname = \"erp.acme.example\"\ntenant = \"acme\"\nscopes = [\"tools:read\"]\n\
         [[auth.client_certificates.clients]]\nname = \"spiffe://cluster/bolt\"\ntenant = \"bolt\"\nscopes = [\"tools:read\"]\n\
         [[auth.client_certificates.clients]]\nname = \"plain\"\ntenant = \"plain\"\nscopes = [\"tools:read\"]\n"
    );
    let own = server_certificate(servers);
    let settings = Settings::local()
        .server(&auth)
        .file("server.pem", &own.certificate)
        .file("server.key", &own.key)
        .file("clients.pem", &clients.pem());
    ServerUnderTest::start_unready(&settings).await
}

fn client(server: &ServerUnderTest, http: reqwest::Client) -> McpClient {
    server.client().with_http(http)
}

async fn call(server: &ServerUnderTest, http: reqwest::Client) -> Result<Exchange, reqwest::Error> {
    let client = client(server, http);
    let (message, headers) = client.frame(1, "tools/call", json!({"name": "server_status", "arguments": {}}));
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    client.try_post(&message, &headers).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_a_credential_where_its_name_is_known() {
    let (servers, clients) = (Authority::new("servers"), Authority::new("clients"));
    let server = start(&servers, &clients, false).await;
    assert!(server.mcp_url().starts_with("https://"), "{}", server.mcp_url());
    let with = |wanted: Wanted<'_>| https_client(&servers, Some(&clients.certify(wanted)));
    let dns = Wanted {
        dns: &["erp.acme.example"],
        ..Wanted::default()
    };
    let uri = Wanted {
        uri: Some("spiffe://cluster/bolt"),
        ..Wanted::default()
    };
    let common = Wanted {
        common_name: Some("plain"),
        ..Wanted::default()
    };
    for (case, wanted, tenant) in [
        ("a DNS name", dns, "acme"),
        ("a URI", uri, "bolt"),
        ("a common name", common, "plain"),
    ] {
        let exchange = call(&server, with(wanted)).await.expect("a handshake");
        assert_eq!(exchange.status, 200, "{case}: {}", exchange.response);
        let other = client(&server, with(wanted)).with_header("x-tenant-id", tenant);
        assert_eq!(other.call("server_status", json!({})).await.status, 200, "{case}");
        let other = client(&server, with(wanted)).with_header("x-tenant-id", "other");
        assert_eq!(other.call("server_status", json!({})).await.status, 403, "{case}");
        let forbidden = client(&server, with(wanted))
            .call("classify_ticket", json!({"text": "hi"}))
            .await;
        assert_eq!(forbidden.status, 403, "{case}");
    }
    let stranger = Wanted {
        dns: &["evil.example"],
        ..Wanted::default()
    };
    let disguised = Wanted {
        dns: &["evil.example"],
        common_name: Some("plain"),
        ..Wanted::default()
    };
    let both = Wanted {
        dns: &["erp.acme.example"],
        uri: Some("spiffe://cluster/bolt"),
        ..Wanted::default()
    };
    for (case, wanted) in [
        ("wrong name", stranger),
        ("the common name of another", disguised),
        ("two names", both),
    ] {
        let exchange = call(&server, with(wanted)).await.expect("a handshake");
        assert_eq!(exchange.status, 401, "{case}: {}", exchange.response);
    }
    assert!(
        server
            .log()
            .contains("a client certificate that is mapped to nobody"),
        "{}",
        server.log()
    );
    let exchange = call(&server, https_client(&servers, None))
        .await
        .expect("a handshake");
    assert_eq!(exchange.status, 401, "no client certificate");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn handshakes_that_prove_nothing_are_refused_with_the_reason_in_the_log() {
    let (servers, clients) = (Authority::new("servers"), Authority::new("clients"));
    let (strangers, impostors) = (Authority::new("strangers"), Authority::new("clients"));
    let server = start(&servers, &clients, true).await;
    let known = Wanted {
        dns: &["erp.acme.example"],
        ..Wanted::default()
    };
    let good = clients.certify(known);
    let exchange = call(&server, https_client(&servers, Some(&good)))
        .await
        .expect("a handshake");
    assert_eq!(exchange.status, 200, "{}", exchange.response);
    let expired = clients.certify(Wanted {
        is_expired: true,
        ..known
    });
    let foreign = strangers.certify(known);
    let forged = impostors.certify(known);
    for (attack, certificate, reason) in [
        ("no client certificate", None, "no certificates"),
        ("wrong authority", Some(&foreign), "UnknownIssuer"),
        ("an authority of the same name", Some(&forged), "BadSignature"),
        ("expired", Some(&expired), "expired"),
    ] {
        let before = server.log().len();
        assert!(
            call(&server, https_client(&servers, certificate)).await.is_err(),
            "{attack}"
        );
        let told = eventually("the log tells", Duration::from_secs(5), async || {
            let told = server.log().get(before..).unwrap_or_default().to_owned();
            told.contains("refused a TLS handshake").then_some(told)
        })
        .await;
        assert!(
            told.to_lowercase().contains(&reason.to_lowercase()),
            "{attack}: {told}"
        );
    }
    // The client checks the server, too.
    assert!(
        call(&server, https_client(&strangers, Some(&good)))
            .await
            .is_err(),
        "a server of another authority"
    );
    // Plain HTTP gets no answer from a port that speaks TLS.
    let plain = McpClient::modern(server.mcp_url().replace("https", "http"));
    assert!(plain.try_post(&json!({}), &[]).await.is_err());
    // Nor does an older TLS.
    let speaking = |version| {
        https_builder(&servers.pem(), Some(&good), &[version])
            .build()
            .expect("a client")
    };
    assert!(
        call(&server, speaking(&rustls::version::TLS12)).await.is_err(),
        "TLS 1.2"
    );
    let newer = call(&server, speaking(&rustls::version::TLS13)).await;
    assert_eq!(newer.expect("TLS 1.3").status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_change_under_load_without_a_failed_request() {
    let (old, clients) = (Authority::new("old"), Authority::new("clients"));
    let new = Authority::new("new");
    let server = Arc::new(start(&old, &clients, false).await);
    let certified = clients.certify(Wanted {
        dns: &["erp.acme.example"],
        ..Wanted::default()
    });
    // Believes both authorities, and opens a connection for each call.
    let both = format!("{}{}", old.pem(), new.pem());
    let builder = || https_builder(&both, Some(&certified), &ANY_VERSION);
    let http = builder().pool_max_idle_per_host(0).build().expect("a client");
    let (stop, calls) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let (server, http, stop, calls) = (
                Arc::clone(&server),
                http.clone(),
                Arc::clone(&stop),
                Arc::clone(&calls),
            );
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let exchange = call(&server, http.clone()).await.expect("a call under load");
                    assert_eq!(exchange.status, 200, "{}", exchange.response);
                    calls.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let own = server_certificate(&new);
    // The certificate first, and its key a while later: no pair in between.
    server.write_file("server.pem", &own.certificate);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    server.write_file("server.key", &own.key);
    eventually(
        "the new certificate is shown",
        Duration::from_secs(5),
        async || {
            call(&server, https_client(&new, Some(&certified)))
                .await
                .ok()
                .map(|_| ())
        },
    )
    .await;
    assert!(
        call(&server, https_client(&old, Some(&certified))).await.is_err(),
        "the old one is shown no more"
    );

    // And the authority of the clients, which shuts out those of the old one, on open connections, too.
    let kept = client(
        &server,
        builder().pool_max_idle_per_host(1).build().expect("a client"),
    );
    assert_eq!(kept.call("server_status", json!({})).await.status, 200);
    stop.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.expect("no call failed");
    }
    assert!(calls.load(Ordering::Relaxed) > 20, "{calls:?} calls under load");
    server.write_file("clients.pem", &Authority::new("other clients").pem());
    eventually(
        "the open connection is refused",
        Duration::from_secs(12),
        async || (kept.call("server_status", json!({})).await.status == 401).then_some(()),
    )
    .await;
    assert!(call(&server, http).await.is_err(), "a new one is refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_can_reach_only_a_server_that_asks_who_they_are_behind_tls() {
    let authority = Authority::new("servers");
    let own = server_certificate(&authority);
    let open = "MCP_SERVER__SERVER__LISTEN";
    let keys = "[auth.api_keys]\nfile = \"keys.jsonl\"\n";
    for (case, lines, expected) in [
        (
            "nobody is asked",
            String::new(),
            Some("no authentication is configured"),
        ),
        (
            "TLS, and nobody is asked",
            TLS.to_owned(),
            Some("no authentication is configured"),
        ),
        (
            "asked in the clear",
            keys.to_owned(),
            Some("credentials would travel in the clear"),
        ),
        ("asked behind TLS", format!("{TLS}{keys}"), None),
        (
            "asked behind a proxy",
            format!("tls_terminated_elsewhere = true\n{keys}"),
            None,
        ),
    ] {
        let settings = Settings::local()
            .server(&lines)
            .file("server.pem", &own.certificate)
            .file("server.key", &own.key)
            .file("keys.jsonl", "");
        let folder = settings.write();
        let check = tests::server_under_test::command(folder.path())
            .args(["config", "check"])
            .env(open, "0.0.0.0:0")
            .output()
            .await
            .expect("it can be started");
        let said = String::from_utf8_lossy(&check.stdout).into_owned();
        assert_eq!(check.status.success(), expected.is_none(), "{case}: {said}");
        assert!(said.contains(expected.unwrap_or("valid")), "{case}: {said}");
    }
}
