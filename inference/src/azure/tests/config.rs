//! Configurations that cannot be, and what is said about them.

use std::sync::Arc;

use super::super::{Api, Credential, Deployment, endpoint::address};
use super::{FixedKey, KEY, config, refused, request};
use crate::BackendError;

#[test]
fn accepts_https_anywhere_and_http_on_this_machine() {
    for endpoint in [
        "https://example.openai.azure.com",
        "https://example.openai.azure.com/",
        "https://gateway.example.com/llm/eu",
        "http://localhost:8080",
        "http://azure.localhost",
        "http://127.0.0.1:1",
        "http://127.9.9.9",
        "http://[::1]:8080",
    ] {
        assert!(address(&config(endpoint)).is_ok(), "{endpoint}");
    }
}

#[test]
fn names_field_reason_and_fix() {
    for (endpoint, words) in [
        ("http://example.openai.azure.com", "in clear; use https://"),
        ("http://10.0.0.1", "in clear; use https://"),
        ("http://localhost.example.com", "in clear; use https://"),
        ("ftp://example.com", "unknown scheme; use https://"),
        (
            "https://user:pa55word@example.com",
            "put the API key into its file",
        ),
        (
            "https://example.com?api-version=2024-10-21",
            "put the version into `api`",
        ),
        ("https://example.com#x", "put the version into `api`"),
        (
            "https://example.com/openai",
            "leave off everything from /openai on",
        ),
        (
            "https://example.com/openai/v1/",
            "leave off everything from /openai on",
        ),
        (
            "https://example.com/openai/deployments/x/chat/completions",
            "leave off everything from /openai on",
        ),
    ] {
        let error = address(&config(endpoint)).unwrap_err().to_string();
        assert!(error.starts_with("endpoint: "), "{error}");
        assert!(error.contains(words), "{endpoint}: {error}");
        assert!(!error.contains("pa55word"), "{error}");
    }
    for name in ["", "a b", "a/b", "..", "ä", &"x".repeat(65)] {
        let error = address(&super::Config {
            deployment: name.to_owned(),
            ..config("https://a.b")
        })
        .unwrap_err();
        assert!(error.to_string().starts_with("deployment: "), "{name:?}: {error}");
    }
    for version in [
        "",
        "v1",
        "2024-10",
        "2024/10/21",
        "2024-10-21-beta",
        "2024-10-21&x=1",
        "２024-10-2",
    ] {
        let wrong = super::Config {
            api: Api::Dated(version.to_owned()),
            ..config("https://a.b")
        };
        let error = address(&wrong).unwrap_err().to_string();
        assert!(error.starts_with("api: "), "{version:?}: {error}");
    }
}

#[test]
fn never_shows_the_key() {
    let mut config = config("http://127.0.0.1:1");
    config.endpoint.set_password(Some("pa55word")).unwrap();
    let shown = format!("{config:?} {config:#?}");
    assert!(!shown.contains(KEY) && !shown.contains("pa55word"), "{shown}");
    assert!(shown.contains("chat-small"), "{shown}");
}

#[tokio::test]
async fn a_key_that_cannot_be_sent_is_named_and_not_shown() {
    for (key, words) in [
        (Ok(""), "it is empty"),
        (Ok(" \n"), "it is empty"),
        (Ok("secret\nsecond"), "write only the key into its file"),
        (Ok("secret key"), "write only the key into its file"),
        (Ok("secret\u{7f}"), "write only the key into its file"),
        (Ok("secretö"), "write only the key into its file"),
        (
            Err("/run/secrets/key cannot be read"),
            "/run/secrets/key cannot be read",
        ),
    ] {
        let mut config = config("http://127.0.0.1:1");
        config.credential =
            Credential::Key(Arc::new(FixedKey(key.map(str::to_owned).map_err(str::to_owned))));
        let error = refused(&Deployment::new(config).unwrap(), &request()).await;
        assert!(matches!(error, BackendError::Failed { .. }), "{error:?}");
        let shown = error.to_string();
        assert!(
            shown.contains("backend azure-test") && shown.contains(words),
            "{shown}"
        );
        assert!(!shown.contains("secretö") && !shown.contains("second"), "{shown}");
    }
}
