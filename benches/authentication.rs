//! What it costs to know who calls: headers in, principal out.
//!
//! ```console
//! $ cargo bench --package benches --bench authentication
//! ```
//!
//! An API key among ten thousand; a token that was verified before, as nearly every one was; one that was not, with
//! an elliptic and an RSA signature; and the loading of a file of a thousand tenants with ten keys each. Read the medians.

use std::{collections::VecDeque, fmt::Write as _, hint::black_box, path::Path, time::Duration};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
use mcp_server::tenancy::{Authenticator, ClaimNames, Config, issuer, tokens};
use serde_json::json;
use tests::token_issuer::{RESOURCE, TokenIssuer};
use tokio::runtime::Runtime;

const TENANTS: usize = 1000;
const KEYS_EACH: usize = 10;

/// Writes the file of keys; gives one that is in it.
fn write_keys(path: &Path) -> String {
    let known = mcp_server::tenancy::api_keys::generate().expect("random numbers");
    let mut text = String::new();
    let mut line = |id: &str, tenant: usize, sha256: &str| {
        let entry = json!({"id": id, "tenant": format!("tenant-{tenant}"), "name": "erp", "scopes": ["tools:read", "tools:call"],
            "sha256": sha256, "created": "Wed, 25 Nov 2026 18:00:00 GMT", "expires": "Thu, 25 Nov 2100 18:00:00 GMT"});
        writeln!(text, "{entry}").expect("a text takes it");
    };
    for number in 1..TENANTS * KEYS_EACH {
        line(
            &format!("{number:016x}"),
            number / KEYS_EACH,
            &format!("{number:064x}"),
        );
    }
    line(&known.id, 0, &known.sha256);
    std::fs::write(path, text).expect("a writable folder");
    known.key.to_string()
}

fn bearer(credential: &str) -> HeaderMap {
    let value = HeaderValue::try_from(format!("Bearer {credential}")).expect("plain");
    HeaderMap::from_iter([(AUTHORIZATION, value)])
}

fn with_tokens(issuer: &TokenIssuer, folder: &Path) -> Authenticator {
    let path = folder.join("jwks.json");
    std::fs::write(&path, issuer.jwks().to_string()).expect("a writable folder");
    let jwt = tokens::Config {
        resource: RESOURCE.to_owned(),
        audiences: vec![RESOURCE.to_owned()],
        issuers: vec![issuer::Config {
            issuer: issuer.issuer(),
            keys: issuer::KeyLocation::File(path),
            tenants: Vec::new(),
            ca_file: None,
            refresh: Duration::from_mins(5),
            max_stale: Duration::from_mins(5),
        }],
        algorithms: ["ES256", "RS256"]
            .map(|name| name.parse().expect("a name"))
            .to_vec(),
        clock_skew: Duration::from_secs(30),
        claims: ClaimNames::default(),
        roles: Vec::new(),
    };
    let config = Config {
        jwt: Some(jwt),
        ..Config::default()
    };
    Authenticator::new(config).expect("an issuer with keys")
}

fn authentication(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("keys.jsonl");
    let key = bearer(&write_keys(&path));
    let config = Config {
        api_keys: Some(path),
        ..Config::default()
    };
    criterion.bench_function("load 1,000 tenants x 10 keys", |bencher| {
        bencher.iter(|| Authenticator::new(black_box(config.clone())).expect("a file in order"));
    });
    let keys = Authenticator::new(config).expect("a file in order");
    let ask = |authenticator: &Authenticator, headers: &HeaderMap| {
        let asked = authenticator.authenticate(headers, None);
        runtime.block_on(asked).expect("admitted");
    };
    criterion.bench_function("API key among 10,000", |bencher| {
        bencher.iter(|| ask(&keys, black_box(&key)));
    });

    let issuer = runtime.block_on(TokenIssuer::start());
    let tokens = with_tokens(&issuer, folder.path());
    let token = bearer(&issuer.token(&json!({})));
    criterion.bench_function("token verified before", |bencher| {
        bencher.iter(|| ask(&tokens, black_box(&token)));
    });
    for algorithm in ["ES256", "RS256"] {
        let mut number = 0_u64;
        let mut sign = || {
            number += 1;
            bearer(&issuer.token_with(algorithm, &json!({"jti": number})))
        };
        let mut ready: VecDeque<_> = (0..256).map(|_| sign()).collect();
        criterion.bench_function(&format!("new token, {algorithm}"), |bencher| {
            bencher.iter_batched(
                || ready.pop_front().unwrap_or_else(&mut sign),
                |headers| ask(&tokens, &headers),
                BatchSize::SmallInput,
            );
        });
    }
}

criterion_group!(benches, authentication);
criterion_main!(benches);
