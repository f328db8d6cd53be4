//! What fuzzers feed with credentials, and with text that is to be disguised.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use http::HeaderMap;
use inference::{CompletionRequest, Disguise, Message};
use jsonwebtoken::Algorithm;
use rustls::pki_types::CertificateDer;
use serde_json::{Map, Value};
use tokio::runtime::{Builder, Runtime};

use super::Scopes;
use super::certificates::{self, Names};
use super::claims::{self, ClaimNames, Role};
use super::credential::{self, Credential, Presented};
use super::issuer::{self, KeyLocation};
use super::key_set::KeySet;
use super::principal::is_name;
use super::redaction::{self, Redactor};
use super::refusal::Refusal;
use super::tokens::{Config, Tokens};

const RESOURCE: &str = "https://mcp.example.com/mcp";
/// A public key of Ed25519, out of RFC 8037.
const KEYS: &str =
    r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"k"}]}"#;

static TOKENS: LazyLock<Tokens> = LazyLock::new(|| {
    let path = std::env::temp_dir().join(format!("mcp-server-fuzz-{}.jwks", std::process::id()));
    std::fs::write(&path, KEYS).expect("a file of our own");
    let tokens = tokens(KeyLocation::File(path.clone()));
    // Read once; nothing here reads it again.
    let _ = std::fs::remove_file(path);
    tokens
});
static REDACTOR: LazyLock<Redactor> =
    LazyLock::new(|| Redactor::new(&redaction::Config::default()).expect("nothing to read"));
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_current_thread()
        .build()
        .expect("a runtime without threads")
});

fn tokens(keys: KeyLocation) -> Tokens {
    Tokens::new(Config {
        resource: RESOURCE.to_owned(),
        audiences: vec![RESOURCE.to_owned()],
        issuers: vec![issuer::Config {
            issuer: "https://i.example".to_owned(),
            keys,
            tenants: Vec::new(),
            ca_file: None,
            refresh: Duration::from_mins(5),
            max_stale: Duration::from_hours(24),
        }],
        algorithms: vec![Algorithm::EdDSA, Algorithm::RS256, Algorithm::ES256],
        clock_skew: Duration::ZERO,
        claims: ClaimNames::default(),
        roles: Vec::new(),
    })
    .expect("a key set of ours")
}

/// A token (JWT).
///
/// # Panics
/// Where it is believed: nobody signed it.
pub fn token(bytes: &[u8]) {
    let verified = RUNTIME.block_on(TOKENS.verify(&String::from_utf8_lossy(bytes)));
    assert!(
        matches!(verified, Err(Refusal::Invalid(_))),
        "nobody signed this: {verified:?}"
    );
}

/// The claims of a token, as they stand in it.
///
/// # Panics
/// Where somebody gets a name that is none.
pub fn claims(bytes: &[u8]) {
    let Ok(said) = serde_json::from_slice::<Map<String, Value>>(bytes) else {
        return;
    };
    let names = ClaimNames {
        roles: vec!["roles".to_owned(), "realm_access.roles".to_owned()],
        ..ClaimNames::default()
    };
    let roles = [Role {
        name: "admin".to_owned(),
        scopes: Scopes::all(),
    }];
    if let Ok(principal) = claims::principal(&said, &names, &roles, &TOKENS.issuers()[0]) {
        assert!(is_name(principal.tenant()), "{:?}", principal.tenant());
        assert!(!principal.subject().chars().any(char::is_control));
    }
}

/// A key set (JWKS).
///
/// # Panics
/// Where a key of it is a shared secret.
pub fn key_set(bytes: &[u8]) {
    let Ok(keys) = KeySet::parse(bytes, 1) else {
        return;
    };
    assert!(keys.len() > 0, "a set without keys is none");
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        assert!(keys.find(None, algorithm).is_none(), "a secret that is public");
        assert!(
            keys.find(Some("k"), algorithm).is_none(),
            "a secret that is public"
        );
    }
}

/// What headers say of who calls.
///
/// # Panics
/// Where something is read that does not stand there.
pub(crate) fn credential(headers: &HeaderMap) {
    let Ok(Presented { credential, tenant }) = credential::read(headers) else {
        return;
    };
    if let Some(Credential::ApiKey(text) | Credential::Token(text)) = credential {
        let stands = |name: &str| {
            let value = headers.get(name).map(http::HeaderValue::as_bytes);
            value.is_some_and(|value| value.trim_ascii_end().ends_with(text.as_bytes()))
        };
        assert!(
            stands("authorization") || stands("api-key"),
            "{text:?} stands nowhere"
        );
    }
    assert!(tenant.is_none_or(is_name), "{tenant:?} is no name");
}

/// A client certificate (DER).
///
/// # Panics
/// Where a reader of it has a fault.
pub fn certificate(bytes: &[u8]) {
    let certificate = CertificateDer::from(bytes);
    let _ = Names::of(&certificate);
    let _ = certificates::expiry(&certificate);
}

/// A text on its way out, and back.
///
/// # Panics
/// Where it does not come back as it was.
pub fn disguise(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let request = CompletionRequest {
        tenant: Some(Arc::from("acme")),
        ..CompletionRequest::new(vec![Message::user(&*text)], 100)
    };
    let Ok(Some(disguised)) = REDACTOR.disguise(&request) else {
        return;
    };
    let sent = &disguised.request.messages[0].content;
    // What was escaped comes back as what it means.
    if !text.contains('\\') {
        assert_eq!(disguised.stand_ins.restore(sent), text);
    }
}
