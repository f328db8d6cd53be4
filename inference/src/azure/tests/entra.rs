//! Access by workload identity, against a token endpoint and a deployment that play scripted bytes.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::future::join_all;
use secrecy::{ExposeSecret, SecretString};

use super::super::{
    ConfigError, Credential, Deployment, KeySource,
    entra::{AZURE_OPENAI, TokenError, Tokens, WorkloadIdentity},
};
use super::{FixedKey, attempt, config, refused, request};
use crate::{
    BackendError,
    chat_completions::tests::server::{Server, Step, answer, whole_stream},
};

fn identity(authority: &str) -> WorkloadIdentity {
    WorkloadIdentity {
        authority: authority.parse().unwrap(),
        tenant_id: "11111111-2222-3333-4444-555555555555".to_owned(),
        client_id: "client-1".to_owned(),
        assertion: Arc::new(FixedKey(Ok("header.payload.signature\n".to_owned()))),
    }
}

fn granted(number: usize, lives_seconds: u64) -> Vec<Step> {
    let body =
        format!(r#"{{"token_type":"Bearer","expires_in":{lives_seconds},"access_token":"token-{number}"}}"#);
    vec![answer("200 OK", &[("content-type", "application/json")], &body)]
}

/// Gives `token-0`, `token-1` and so on.
async fn giving(lives_seconds: u64) -> Server {
    Server::scripted(move |number| granted(number, lives_seconds)).await
}

fn deployment(azure: &Server, entra: &Server) -> Deployment {
    let mut config = config(&azure.url);
    config.credential = Credential::WorkloadIdentity(identity(&entra.url));
    Deployment::new(config).unwrap()
}

/// The tokens that a deployment was shown, in order.
fn shown(azure: &Server) -> Vec<String> {
    let token = |head: String| {
        assert!(!head.contains("api-key"), "{head}");
        let line = head
            .lines()
            .find_map(|line| line.strip_prefix("authorization: Bearer "));
        line.expect("a token").to_owned()
    };
    azure
        .requests()
        .into_iter()
        .map(|request| token(request.head))
        .collect()
}

#[tokio::test]
async fn the_clusters_token_is_exchanged_once_for_many_calls() {
    let azure = Server::playing(whole_stream("4711")).await;
    let entra = giving(3600).await;
    let deployment = deployment(&azure, &entra);
    let request = request();
    let calls = (0..8).map(|_| attempt(&deployment, &request));
    for (text, last) in join_all(calls).await {
        assert_eq!(text, "4711");
        last.unwrap();
    }
    assert_eq!(shown(&azure), ["token-0"; 8]);
    let asked = entra.requests();
    assert_eq!(asked.len(), 1);
    assert_eq!(
        asked[0].line,
        "POST /11111111-2222-3333-4444-555555555555/oauth2/v2.0/token HTTP/1.1"
    );
    let form = asked[0].body.as_str().expect("a form");
    for field in [
        "grant_type=client_credentials",
        "client_id=client-1",
        "scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default",
        "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer",
    ] {
        assert!(form.contains(field), "{field} in {form}");
    }
    assert!(
        form.ends_with("client_assertion=header.payload.signature"),
        "{form}"
    );
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends_and_used_until_then() {
    let entra = giving(3600).await;
    let tokens = Tokens::new(identity(&entra.url), AZURE_OPENAI).unwrap();
    let first = tokens.current().await.unwrap();
    assert_eq!(first.expose_secret(), "token-0");
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(3001)).await;
    tokio::time::resume();
    // Whoever comes now does not wait for the new one.
    assert_eq!(tokens.current().await.unwrap().expose_secret(), "token-0");
    while tokens.current().await.unwrap().expose_secret() != "token-1" {
        tokio::task::yield_now().await;
    }
    assert_eq!(entra.requests().len(), 2);
}

#[tokio::test]
async fn a_token_that_has_ended_is_not_shown() {
    let entra = giving(3600).await;
    let tokens = Tokens::new(identity(&entra.url), AZURE_OPENAI).unwrap();
    tokens.current().await.unwrap();
    tokio::time::pause();
    tokio::time::advance(Duration::from_hours(1)).await;
    tokio::time::resume();
    assert_eq!(tokens.current().await.unwrap().expose_secret(), "token-1");
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_unless_it_was_new() {
    let refusal = || {
        answer(
            "401 Unauthorized",
            &[],
            r#"{"error": {"code": "401", "message": "expired"}}"#,
        )
    };
    let azure = Server::scripted(move |number| match number {
        0 => whole_stream("first"),
        1 | 3 => vec![refusal()],
        _ => whole_stream("again"),
    })
    .await;
    let entra = giving(3600).await;
    let deployment = deployment(&azure, &entra);
    assert_eq!(attempt(&deployment, &request()).await.0, "first");
    tokio::time::pause();
    tokio::time::advance(Duration::from_mins(1)).await;
    tokio::time::resume();
    assert_eq!(attempt(&deployment, &request()).await.0, "again");
    // The new one is refused as well: another would be no better.
    assert_eq!(refused(&deployment, &request()).await, BackendError::Unauthorized);
    assert_eq!(shown(&azure), ["token-0", "token-0", "token-1", "token-1"]);
    assert_eq!(entra.requests().len(), 2);
}

#[tokio::test]
async fn an_endpoint_that_gives_no_token_fails_the_attempt_and_azure_is_not_asked() {
    let denied = r#"{"error":"invalid_client","error_description":"AADSTS700213: No matching federated identity\r\nTrace ID: 1"}"#;
    let azure = Server::playing(whole_stream("4711")).await;
    for (step, says) in [
        (answer("400 Bad Request", &[], denied), None),
        (answer("503 Service Unavailable", &[], "busy"), Some("status 503")),
        (answer("200 OK", &[], "<html>"), Some("holds no token")),
        (
            answer("200 OK", &[], r#"{"expires_in":0,"access_token":"x"}"#),
            Some("holds no token"),
        ),
        (
            answer("200 OK", &[], r#"{"expires_in":60,"access_token":"x\ny"}"#),
            Some("holds no token"),
        ),
        (
            answer("302 Found", &[("location", "http://127.0.0.1:1/")], ""),
            Some("status 302"),
        ),
        (Step::Reset, Some("no token from Entra ID")),
    ] {
        let entra = Server::playing(vec![step]).await;
        let error = refused(&deployment(&azure, &entra), &request()).await;
        match says {
            None => assert_eq!(error, BackendError::Unauthorized),
            Some(words) => assert!(error.to_string().contains(words), "{error}"),
        }
    }
    let entra = Server::playing(vec![answer("400 Bad Request", &[], denied)]).await;
    let error = Tokens::new(identity(&entra.url), AZURE_OPENAI)
        .unwrap()
        .current()
        .await
        .unwrap_err();
    assert_eq!(
        error,
        TokenError::Refused(
            "status 400 invalid_client: AADSTS700213: No matching federated identity".to_owned()
        )
    );
    assert!(azure.requests().is_empty());
}

#[tokio::test]
async fn the_clusters_token_is_read_afresh_and_its_absence_is_said() {
    struct Changing(Mutex<usize>);
    impl KeySource for Changing {
        fn key(&self) -> Result<SecretString, String> {
            let mut read = self.0.lock().unwrap();
            *read += 1;
            match *read {
                1 => Err("/var/run/token cannot be read".to_owned()),
                count => Ok(format!("assertion-{count}").into()),
            }
        }
    }
    let entra = giving(1).await;
    let identity = WorkloadIdentity {
        assertion: Arc::new(Changing(Mutex::new(0))),
        ..identity(&entra.url)
    };
    let tokens = Tokens::new(identity, AZURE_OPENAI).unwrap();
    let error = tokens.current().await.unwrap_err();
    assert!(
        matches!(&error, TokenError::NoAssertion(reason) if reason.contains("/var/run/token")),
        "{error}"
    );
    for count in 2..4 {
        // It lives so short that it is never good for a second call.
        tokens.current().await.unwrap();
        let form = entra.requests().pop().unwrap().body.to_string();
        assert!(form.contains(&format!("assertion-{count}")), "{form}");
    }
}

#[test]
fn a_credential_is_shown_to_no_strange_place_and_in_no_log() {
    let error = Tokens::new(identity("http://login.example.com/"), AZURE_OPENAI)
        .err()
        .unwrap();
    assert!(matches!(error, ConfigError::Authority { .. }), "{error}");
    let shown = format!("{:?}", identity("https://login.example.com/"));
    assert!(
        shown.contains("client-1") && !shown.contains("payload"),
        "{shown}"
    );
}
