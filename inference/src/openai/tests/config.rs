//! Configurations that cannot be, and what is said about them.

use std::sync::Arc;

use super::super::{Config, Server, base_url::address};
use super::{CERTIFICATE, config};
use crate::chat_completions::tests::{FixedKey, KEY};

#[test]
fn accepts_https_anywhere_and_http_where_it_is_safe_or_allowed() {
    for (base_url, allowed) in [
        ("https://api.openai.com/v1", false),
        ("https://llm.example.com/some/prefix/v1/", false),
        ("http://localhost:8000/v1", false),
        ("http://127.0.0.1:8000/v1", false),
        ("http://[::1]:8000/v1", false),
        ("http://vllm.models.svc:8000/v1", true),
    ] {
        let config = Config {
            allow_plain_http: allowed,
            ..config(base_url)
        };
        assert!(address(&config).is_ok(), "{base_url}");
    }
}

#[test]
fn names_field_reason_and_fix() {
    for (base_url, words) in [
        ("http://vllm.models.svc:8000/v1", "set `allow_plain_http = true`"),
        ("http://10.0.0.1/v1", "use https://"),
        ("ftp://example.com/v1", "unknown scheme"),
        ("https://user:pa55word@example.com/v1", "into its file"),
        ("https://example.com/v1?x=1", "has a query"),
        ("https://example.com/v1#x", "has a query"),
        ("https://example.com", "end it in /v1"),
        ("https://example.com/", "end it in /v1"),
        (
            "https://example.com/v1/chat/completions",
            "end it before /chat/completions",
        ),
        ("https://example.com/v1/chat/", "end it before /chat/completions"),
    ] {
        let error = address(&config(base_url)).unwrap_err().to_string();
        assert!(
            error.starts_with("base_url: ") && error.contains(words),
            "{base_url}: {error}"
        );
        assert!(!error.contains("pa55word"), "{error}");
    }
    for model in ["", "  ", "a\nb", &"x".repeat(257)] {
        let config = Config {
            upstream_model: model.to_owned(),
            ..config("https://example.com/v1")
        };
        let error = address(&config).unwrap_err().to_string();
        assert!(error.starts_with("upstream_model: "), "{model:?}: {error}");
    }
    let broken = CERTIFICATE.replace("MII", "MIJ");
    let unfinished = CERTIFICATE.replace("-----END", "-----FIN");
    for pem in ["", "no certificate", &broken, &unfinished] {
        let config = Config {
            roots: Some(pem.as_bytes().to_vec()),
            ..config("https://example.com/v1")
        };
        let error = Server::new(config)
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        assert!(
            error.starts_with("ca_file: ") && error.contains("name a PEM file"),
            "{pem:?}: {error}"
        );
    }
    let good = Config {
        roots: Some(CERTIFICATE.as_bytes().to_vec()),
        ..config("https://example.com/v1")
    };
    assert!(Server::new(good).is_ok());
}

#[test]
fn never_shows_the_key() {
    let mut config = config("http://127.0.0.1:1/v1");
    config.base_url.set_password(Some("pa55word")).unwrap();
    config.api_key = Some(Arc::new(FixedKey(Ok(KEY.to_owned()))));
    let shown = format!("{config:?} {config:#?}");
    assert!(!shown.contains(KEY) && !shown.contains("pa55word"), "{shown}");
    assert!(
        shown.contains("Qwen/Qwen3-8B") && shown.contains("(hidden)"),
        "{shown}"
    );
}
