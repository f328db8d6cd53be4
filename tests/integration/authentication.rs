//! Tokens: whom they prove, what they allow, and every way that they prove nothing.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};
use tests::{
    eventually, http_client,
    mcp_client::{Exchange, McpClient},
    openai_client::OpenAiClient,
    server_under_test::{ServerUnderTest, Settings},
    token_issuer::{Mood, RESOURCE, SigningKey, TokenIssuer, hmac_token, now, unsigned_token},
};

/// The bundled model behind tokens of these issuers. `lines` go into the table of the first.
fn settings(issuers: &[&TokenIssuer], lines: &str) -> Settings {
    let mut auth = format!("[auth.jwt]\nresource = \"{RESOURCE}\"\n");
    for (index, issuer) in issuers.iter().enumerate() {
        let _ = write!(
            auth,
            "[[auth.jwt.issuers]]\nissuer = \"{}\"\njwks_url = \"{}\"\n{}\n",
            issuer.issuer(),
            issuer.jwks_url(),
            if index == 0 { lines } else { "" }
        );
    }
    auth += "[[auth.jwt.roles]]\nname = \"tenant-admin\"\nscopes = [\"tools:read\", \"tools:call\"]\n";
    Settings::local().server(&auth)
}

/// A call that asks no model.
async fn status(server: &ServerUnderTest, token: &str) -> Exchange {
    server
        .client()
        .with_bearer(token)
        .call("server_status", json!({}))
        .await
}

fn header<'e>(exchange: &'e Exchange, name: &str) -> &'e str {
    let value = exchange.headers.get(name);
    value.and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn code(exchange: &Exchange) -> String {
    exchange.error()["data"]["code"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

const METADATA: &str =
    "resource_metadata=\"https://mcp.example.com/.well-known/oauth-protected-resource/mcp\"";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_shows_nothing_is_told_where_to_get_a_token() {
    let issuer = TokenIssuer::start().await;
    let server = ServerUnderTest::start(&settings(&[&issuer], "")).await;
    let refused = server.client().call("server_status", json!({})).await;
    assert_eq!(
        (refused.status, code(&refused).as_str()),
        (401, "unauthenticated")
    );
    assert_eq!(
        header(&refused, "www-authenticate"),
        format!("Bearer {METADATA}, scope=\"tools:read tools:call\"")
    );
    let openai = OpenAiClient::new(server.url("/v1"));
    for reply in [
        openai.get("/models").await,
        openai.ask(&OpenAiClient::question("Hi", &json!({})), &[]).await,
    ] {
        assert_eq!(
            (reply.status, &reply.error()["code"]),
            (401, &json!("unauthenticated"))
        );
        assert_eq!(
            reply.header("www-authenticate"),
            format!("Bearer {METADATA}, scope=\"chat\"")
        );
    }
    // Neither where to get one nor whether the server lives is a secret.
    for path in ["", "/mcp"] {
        let url = server.url(&format!("/.well-known/oauth-protected-resource{path}"));
        let answer = http_client().get(url).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        let metadata: Value = answer.json().await.expect("JSON");
        assert_eq!(
            metadata,
            json!({
                "resource": RESOURCE, "authorization_servers": [issuer.issuer()],
                "scopes_supported": ["tools:read", "tools:call", "chat"],
                "bearer_methods_supported": ["header"], "resource_name": "B2XGate MCP server",
            })
        );
    }
    let health = http_client()
        .get(server.url("/health/ready"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(health.status(), 200);
    // A token in the address is none.
    let token = issuer.token(&json!({}));
    let client = McpClient::modern(format!("{}?access_token={token}", server.mcp_url()));
    assert_eq!(client.call("server_status", json!({})).await.status, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn good_tokens_are_admitted_however_they_are_signed_and_written() {
    let issuer = TokenIssuer::start().await;
    let server = ServerUnderTest::start(&settings(&[&issuer], "")).await;
    for algorithm in ["ES256", "EdDSA", "RS256", "PS256"] {
        let token = issuer.token_with(algorithm, &json!({}));
        let exchange = status(&server, &token).await;
        assert_eq!(exchange.status, 200, "{algorithm}: {}", exchange.response);
        exchange.answer();
        // The second time it is remembered.
        assert_eq!(status(&server, &token).await.status, 200, "{algorithm}");
    }
    let now = now();
    for changes in [
        json!({"exp": now - 20}),
        json!({"nbf": now + 20}),
        json!({"aud": ["https://other.example", RESOURCE]}),
        json!({"tenant_id": null, "TenantId": "acme"}),
        json!({"TenantId": "acme"}),
        json!({"scope": null, "scp": ["tools:read"]}),
        json!({"scope": "openid tools:read profile"}),
        json!({"scope": null, "roles": ["Reader", "tenant-admin"]}),
        json!({"scope": null, "role": "tenant-admin"}),
    ] {
        let exchange = status(&server, &issuer.token(&changes)).await;
        assert_eq!(exchange.status, 200, "{changes}: {}", exchange.response);
    }
}

/// Every token here is refused with the same words: a prober learns nothing from the difference. The log tells why.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_that_prove_nothing_are_refused_alike() {
    let issuer = TokenIssuer::start().await;
    let other = TokenIssuer::start().await;
    let server = ServerUnderTest::start(&settings(&[&issuer, &other], "")).await;
    let (ec, rsa) = (issuer.key("ES256"), issuer.key("RS256"));
    let claims = issuer.claims(&json!({}));
    let signed = |header: Value| ec.sign(&header, &claims);
    let changed = |changes: Value| issuer.token(&changes);
    let good = issuer.token(&json!({}));
    let now = now();
    let forged = SigningKey::ecdsa(&ec.id).sign(&json!({"alg": "ES256", "kid": ec.id}), &claims);
    let unsigned = |algorithm: &str| unsigned_token(&json!({"alg": algorithm, "kid": ec.id}), &claims);
    let confused = |key: &SigningKey| {
        hmac_token(
            &key.public_bytes(),
            &json!({"alg": "HS256", "kid": key.id}),
            &claims,
        )
    };
    let tampered = {
        let mut parts: Vec<_> = good.split('.').map(str::to_owned).collect();
        let elsewhere = issuer.token(&json!({"tenant_id": "bolt"}));
        elsewhere
            .split('.')
            .nth(1)
            .expect("claims")
            .clone_into(&mut parts[1]);
        parts.join(".")
    };
    let unreadable = "a token that cannot be read";
    for (attack, token, reason) in [
        ("garbage", "garbage".to_owned(), unreadable),
        ("three dots", "...".to_owned(), unreadable),
        ("no JSON", "YQ.YQ.YQ".to_owned(), unreadable),
        ("half a token", good[..good.len() / 2].to_owned(), unreadable),
        ("no signature", good[..=good.rfind('.').expect("a dot")].to_owned(), "signature is wrong"),
        ("alg: none", unsigned("none"), unreadable),
        ("alg: None", unsigned("None"), unreadable),
        ("ES256 with nothing", unsigned("ES256"), "signature is wrong"),
        ("RSA key as secret", confused(&rsa), "algorithm that is not allowed"),
        ("EC key as secret", confused(&ec), "algorithm that is not allowed"),
        ("RS256 named for an EC key", signed(json!({"alg": "RS256", "kid": ec.id})), "unknown key"),
        ("other claims", tampered, "signature is wrong"),
        ("own key, known name", forged, "signature is wrong"),
        ("own key, own name", SigningKey::ecdsa("x").sign(&json!({"alg": "ES256", "kid": "x"}), &claims), "unknown key"),
        (
            "own key in the header",
            SigningKey::ecdsa("x").sign(
                &json!({"alg": "ES256", "kid": "x", "jwk": SigningKey::ecdsa("x").jwk(), "jku": other.jwks_url()}),
                &claims,
            ),
            "unknown key",
        ),
        ("key of another issuer", other.key("ES256").sign(&json!({"alg": "ES256", "kid": ec.id}), &claims), "signature is wrong"),
        ("must be understood", signed(json!({"alg": "ES256", "kid": ec.id, "crit": ["b64"], "b64": false})), "must be understood"),
        ("logout token", signed(json!({"alg": "ES256", "kid": ec.id, "typ": "logout+jwt"})), "no access token"),
        ("expired", changed(json!({"exp": now - 40})), "an expired token"),
        ("never expires", changed(json!({"exp": null})), "lacks a claim"),
        ("expires in words", changed(json!({"exp": "tomorrow"})), "lacks a claim"),
        ("not yet valid", changed(json!({"nbf": now + 300})), "not valid yet"),
        ("not yet valid in words", changed(json!({"nbf": "now"})), "of the wrong type"),
        ("wrong audience", changed(json!({"aud": "https://other.example/mcp"})), "another audience"),
        ("part of the audience", changed(json!({"aud": "https://mcp.example.com"})), "another audience"),
        ("no audience", changed(json!({"aud": null})), "lacks a claim"),
        ("wrong issuer", changed(json!({"iss": "https://evil.example"})), "unknown issuer"),
        ("issuer with a slash more", changed(json!({"iss": format!("{}/", issuer.issuer())})), "unknown issuer"),
        ("two issuers", changed(json!({"iss": [issuer.issuer(), "https://evil.example"]})), unreadable),
        ("no subject", changed(json!({"sub": null})), "lacks a claim"),
        ("subject that breaks lines", changed(json!({"sub": "a\nlevel=INFO b"})), "without a subject"),
        ("no tenant", changed(json!({"tenant_id": null})), "without a tenant"),
        ("tenant that is a path", changed(json!({"tenant_id": "../bolt"})), "without a tenant"),
        ("tenant that is a list", changed(json!({"tenant_id": ["acme", "bolt"]})), "without a tenant"),
        ("two tenants", changed(json!({"TenantId": "bolt"})), "names two tenants"),
    ] {
        let before = server.log().len();
        let exchange = status(&server, &token).await;
        assert_eq!(exchange.status, 401, "{attack}: {}", exchange.response);
        assert_eq!(
            exchange.error()["message"], "the credential is not valid here; get a new one",
            "{attack}"
        );
        assert_eq!(code(&exchange), "invalid_token", "{attack}");
        assert_eq!(
            header(&exchange, "www-authenticate"),
            format!("Bearer error=\"invalid_token\", {METADATA}, scope=\"tools:read tools:call\""),
            "{attack}"
        );
        let told = eventually("the log tells", Duration::from_secs(5), async || {
            let log = server.log();
            let told = log.get(before..).unwrap_or_default().to_owned();
            told.contains("refused a request").then_some(told)
        })
        .await;
        assert!(told.contains(reason), "{attack}: {told}");
        for part in token.split('.').filter(|part| part.len() > 8) {
            assert!(!server.log().contains(part), "{attack}: a part of the token is in the log");
        }
    }
    assert_eq!(status(&server, &good).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tenant_is_the_tokens_and_headers_cannot_change_it() {
    let issuer = TokenIssuer::start().await;
    let server = ServerUnderTest::start(&settings(&[&issuer], "")).await;
    let token = issuer.token(&json!({}));
    let bearer = format!("Bearer {token}");
    let own = ("authorization", bearer.as_str());
    for (attack, headers, status, expected) in [
        ("the same tenant", &[own, ("x-tenant-id", "acme")][..], 200, ""),
        (
            "another tenant",
            &[own, ("x-tenant-id", "bolt")],
            403,
            "tenant_mismatch",
        ),
        (
            "another spelling",
            &[own, ("x-tenant-id", "ACME")],
            403,
            "tenant_mismatch",
        ),
        (
            "two tenants",
            &[own, ("x-tenant-id", "acme"), ("x-tenant-id", "bolt")],
            400,
            "ambiguous_credential",
        ),
        (
            "the same twice",
            &[own, ("x-tenant-id", "acme"), ("x-tenant-id", "acme")],
            400,
            "ambiguous_credential",
        ),
        (
            "a list",
            &[own, ("x-tenant-id", "acme, bolt")],
            400,
            "ambiguous_credential",
        ),
        (
            "an empty one",
            &[own, ("x-tenant-id", "")],
            400,
            "ambiguous_credential",
        ),
        (
            "an underscore",
            &[own, ("x_tenant_id", "bolt")],
            400,
            "ambiguous_credential",
        ),
        ("two credentials", &[own, own], 400, "ambiguous_credential"),
        (
            "a key besides",
            &[own, ("api-key", "b2x_0_0")],
            400,
            "ambiguous_credential",
        ),
        (
            "only a tenant",
            &[("x-tenant-id", "acme")],
            401,
            "unauthenticated",
        ),
        // Known from other servers of the platform, and never read here.
        (
            "a magic header",
            &[("x-mcp-authorization", "MCP 1"), ("user-agent", "MCP-Server")],
            401,
            "unauthenticated",
        ),
        (
            "a proxy's word",
            &[("x-forwarded-user", "alice"), ("x-forwarded-tenant", "acme")],
            401,
            "unauthenticated",
        ),
    ] {
        let client = server.client();
        let (message, frame) =
            client.frame(1, "tools/call", json!({"name": "server_status", "arguments": {}}));
        let frame = frame.iter().map(|(name, value)| (*name, value.as_str()));
        let sent: Vec<_> = frame.chain(headers.iter().copied()).collect();
        let exchange = client.post(&message, &sent).await;
        assert_eq!(exchange.status, status, "{attack}: {}", exchange.response);
        if !expected.is_empty() {
            assert_eq!(code(&exchange), expected, "{attack}");
        }
    }
    assert!(server.log().contains("names another tenant"), "{}", server.log());
}

/// One request that a proxy and a server may take for two: with both lengths, or with one that is not plain.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_hidden_in_another_is_not_carried_out() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let issuer = TokenIssuer::start().await;
    let server = ServerUnderTest::start(&settings(&[&issuer], "")).await;
    let address = server
        .mcp_url()
        .trim_start_matches("http://")
        .trim_end_matches("/mcp");
    let bearer = format!("authorization: Bearer {}\r\n", issuer.token(&json!({})));
    // The outer request is in order, so that its body is read to the end and the connection could go on.
    let outer =
        format!("{bearer}content-type: application/json\r\naccept: application/json, text/event-stream\r\n");
    let hidden = format!("GET /v1/models HTTP/1.1\r\nhost: localhost\r\n{bearer}\r\n");
    let length = hidden.len() + 5;
    for lengths in [
        format!("content-length: {length}\r\ntransfer-encoding: chunked\r\n"),
        format!("transfer-encoding: chunked\r\ncontent-length: {length}\r\n"),
        format!("content-length: {length}\r\ncontent-length: 5\r\n"),
        "transfer-encoding: chunked, identity\r\n".to_owned(),
        "transfer-encoding: xchunked\r\n".to_owned(),
        "content-length: +5\r\n".to_owned(),
    ] {
        let mut stream = tokio::net::TcpStream::connect(address)
            .await
            .expect("a connection");
        let request =
            format!("POST /mcp HTTP/1.1\r\nhost: localhost\r\n{outer}{lengths}\r\n0\r\n\r\n{hidden}");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(read.is_ok(), "{lengths}: the connection stays open: {answer}");
        assert!(
            answer.matches("HTTP/1.1 ").count() <= 1,
            "{lengths}: two answers: {answer}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tools_are_listed_and_called_as_scopes_allow() {
    let issuer = TokenIssuer::start().await;
    let server = ServerUnderTest::start(&settings(&[&issuer], "")).await;
    let ticket = json!({"text": "Where is my parcel?"});
    for (scope, listed, may_look, may_call, may_chat) in [
        ("tools:read tools:call chat", 6, true, true, true),
        ("tools:read", 1, true, false, false),
        ("tools:call", 5, false, true, false),
        ("chat", 0, false, false, true),
        ("", 0, false, false, false),
        ("tools TOOLS:READ tools:read,chat", 0, false, false, false),
    ] {
        let token = issuer.token(&json!({"scope": scope}));
        let modern = server.client().with_bearer(&token);
        let legacy = server
            .client()
            .with_bearer(&token)
            .initialize()
            .await
            .expect("a session");
        for client in [modern, legacy] {
            let list = client.request("tools/list", json!({})).await;
            let tools = list.result()["tools"].as_array().expect("a list").len();
            assert_eq!(tools, listed, "{scope}: {}", list.response);
            for (tool, arguments, needed, is_allowed) in [
                ("server_status", json!({}), "tools:read", may_look),
                ("classify_ticket", ticket.clone(), "tools:call", may_call),
            ] {
                let exchange = client.call(tool, arguments).await;
                if is_allowed {
                    assert_eq!(exchange.status, 200, "{scope} {tool}: {}", exchange.response);
                    exchange.answer();
                } else {
                    assert_eq!(
                        (exchange.status, code(&exchange).as_str()),
                        (403, "insufficient_scope"),
                        "{scope} {tool}"
                    );
                    assert_eq!(
                        header(&exchange, "www-authenticate"),
                        format!("Bearer error=\"insufficient_scope\", scope=\"{needed}\", {METADATA}")
                    );
                }
            }
        }
        let openai = OpenAiClient::new(server.url("/v1"));
        let bearer = format!("Bearer {token}");
        let body = OpenAiClient::question("Hi", &json!({"max_tokens": 4}));
        let reply = openai.ask(&body, &[("authorization", &bearer)]).await;
        if may_chat {
            assert_eq!(reply.status, 200, "{scope}: {}", reply.body);
        } else {
            assert_eq!(
                (reply.status, &reply.error()["code"]),
                (403, &json!("insufficient_scope")),
                "{scope}"
            );
            assert!(reply.header("www-authenticate").contains("scope=\"chat\""));
        }
    }
    let list = server
        .client()
        .with_bearer(&issuer.token(&json!({})))
        .request("tools/list", json!({}))
        .await;
    assert_eq!(list.result()["cacheScope"], "private");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_used_by_nobody_but_who_opened_it() {
    let (issuer, other) = (TokenIssuer::start().await, TokenIssuer::start().await);
    let server = ServerUnderTest::start(&settings(&[&issuer, &other], "")).await;
    let client = server.client().with_bearer(&issuer.token(&json!({})));
    let mut session = client.initialize().await.expect("a session");
    for (thief, token) in [
        ("another subject", issuer.token(&json!({"sub": "bob"}))),
        ("another tenant", issuer.token(&json!({"tenant_id": "bolt"}))),
        ("the same subject of another issuer", other.token(&json!({}))),
    ] {
        session = session.with_bearer(&token);
        let exchange = session.request("tools/list", json!({})).await;
        assert_eq!(
            (exchange.status, code(&exchange).as_str()),
            (404, "session_not_found"),
            "{thief}"
        );
        assert_eq!(session.close().await, 404, "{thief}");
    }
    session = session.with_bearer("garbage");
    assert_eq!(session.request("tools/list", json!({})).await.status, 401);
    // A renewed token is the same principal, and what it may do is asked anew.
    session = session.with_bearer(&issuer.token(&json!({"scope": "chat", "jti": "2"})));
    let list = session.request("tools/list", json!({})).await;
    assert_eq!(list.result()["tools"], json!([]));
    session = session.with_bearer(&issuer.token(&json!({"jti": "3"})));
    assert_eq!(session.close().await, 202);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_change_without_a_refused_call_and_strangers_cannot_make_the_server_ask_often() {
    let issuer = TokenIssuer::start().await;
    let server = ServerUnderTest::start(&settings(&[&issuer], "")).await;
    let old = issuer.token(&json!({}));
    assert_eq!(status(&server, &old).await.status, 200);
    issuer.rotate();
    assert_eq!(status(&server, &old).await.status, 200, "its key is still known");
    let new = issuer.token(&json!({}));
    assert_eq!(
        status(&server, &new).await.status,
        200,
        "its key is fetched at once"
    );
    assert_eq!(
        status(&server, &old).await.status,
        401,
        "remembered, and verified anew with the new keys"
    );
    let before = issuer.fetches();
    for number in 0..50 {
        let key = SigningKey::ecdsa(&format!("made-up-{number}"));
        let token = key.sign(
            &json!({"alg": "ES256", "kid": key.id}),
            &issuer.claims(&json!({})),
        );
        assert_eq!(status(&server, &token).await.status, 401);
    }
    let fetches = issuer.fetches() - before;
    assert!(fetches <= 1, "{fetches} fetches for 50 made-up keys");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_issuer_that_fails_leaves_its_keys_valid_for_a_while() {
    let issuer = TokenIssuer::start().await;
    let lines = "refresh = \"1s\"\nmax_stale = \"8s\"";
    let server = ServerUnderTest::start(&settings(&[&issuer], lines)).await;
    let token = issuer.token(&json!({}));
    assert_eq!(status(&server, &token).await.status, 200);
    for mood in [Mood::Failing, Mood::Redirecting, Mood::Endless] {
        issuer.become_(mood);
        let before = issuer.fetches();
        eventually("asked again", Duration::from_secs(20), async || {
            (issuer.fetches() > before).then_some(())
        })
        .await;
        assert_eq!(status(&server, &token).await.status, 200, "{mood:?}");
        issuer.become_(Mood::Well);
        let before = issuer.fetches();
        eventually("asked again", Duration::from_secs(20), async || {
            (issuer.fetches() > before).then_some(())
        })
        .await;
    }
    issuer.become_(Mood::Failing);
    let refused = eventually("too old", Duration::from_secs(20), async || {
        let exchange = status(&server, &token).await;
        (exchange.status != 200).then_some(exchange)
    })
    .await;
    assert_eq!(
        (refused.status, code(&refused).as_str()),
        (503, "authentication_unavailable")
    );
    assert_eq!(header(&refused, "retry-after"), "5");
    assert_eq!(
        header(&refused, "www-authenticate"),
        "",
        "a new token would not help"
    );
    issuer.become_(Mood::Well);
    eventually("fetched again", Duration::from_secs(70), async || {
        (status(&server, &token).await.status == 200).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_starts_without_its_issuer_and_an_issuer_without_another() {
    let (absent, present) = (TokenIssuer::start().await, TokenIssuer::start().await);
    absent.become_(Mood::Silent);
    let server = ServerUnderTest::start(&settings(&[&absent, &present], "tenants = [\"acme\"]")).await;
    assert_eq!(status(&server, &present.token(&json!({}))).await.status, 200);
    let token = absent.token(&json!({}));
    let refused = status(&server, &token).await;
    assert_eq!(
        (refused.status, code(&refused).as_str()),
        (503, "authentication_unavailable")
    );
    absent.become_(Mood::Well);
    eventually("fetched", Duration::from_secs(30), async || {
        (status(&server, &token).await.status == 200).then_some(())
    })
    .await;
    // It may speak for one tenant; the other issuer for any.
    assert_eq!(
        status(&server, &absent.token(&json!({"tenant_id": "bolt"})))
            .await
            .status,
        401
    );
    assert_eq!(
        status(&server, &present.token(&json!({"tenant_id": "bolt"})))
            .await
            .status,
        200
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_in_a_file_are_read_again_when_they_change() {
    let issuer = TokenIssuer::start().await;
    let auth = format!(
        "[auth.jwt]\nresource = \"{RESOURCE}\"\n[[auth.jwt.issuers]]\nissuer = \"{}\"\njwks_file = \"jwks.json\"\n",
        issuer.issuer()
    );
    let settings = Settings::local()
        .server(&auth)
        .file("jwks.json", &issuer.jwks().to_string());
    let server = ServerUnderTest::start(&settings).await;
    assert_eq!(status(&server, &issuer.token(&json!({}))).await.status, 200);
    issuer.rotate();
    let token = issuer.token(&json!({}));
    assert_eq!(status(&server, &token).await.status, 401);
    server.write_file("jwks.json", "{}");
    server.write_file("jwks.json", &issuer.jwks().to_string());
    eventually("read again", Duration::from_secs(5), async || {
        (status(&server, &token).await.status == 200).then_some(())
    })
    .await;
    assert_eq!(issuer.fetches(), 0);
}
