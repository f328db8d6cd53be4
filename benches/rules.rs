//! What the rules of tenants cost a call: who calls, how much it may use, what of 2 KB may leave, and what is written down.
//!
//! ```console
//! $ cargo bench --package benches --bench rules
//! ```
//!
//! Each by itself, and all of them together as a call meets them, on one thread with state in memory: a token that was
//! verified before or an API key among ten thousand, every limit set, a German order with one value of each kind and a
//! list of a thousand customers, the record appended to the journal. What carrying it into SQLite costs later, on a thread
//! of its own, stands beside. Read the medians.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use futures::FutureExt;
use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
use inference::{AnswerFacts, CompletionRequest, Cost, Disguise, Message, Price};
use mcp_server::accounts::{Accounts, Config, End, Origin, Prices};
use mcp_server::store::{Database, Journal, Location, Record};
use mcp_server::tenancy::quota::{Limits, Memory, Money, TenantLimits};
use mcp_server::tenancy::redaction::{self, List, Policy, Redactor};
use mcp_server::tenancy::{self, Authenticator, ClaimNames, Principal, Proof, Scopes, issuer, tokens};
use serde_json::json;
use tests::token_issuer::{RESOURCE, TokenIssuer};
use tokio::runtime::Runtime;

const VALUES: &str = "Bitte antworten Sie an anna.maier@nordwind.example oder 0711/123456-12, Konto DE89 3704 0044 0532 0130 00, \
                      USt-IdNr. DE136695976, Karte 4111 1111 1111 1111, Server 10.20.30.40, für Kunde 77 GmbH. ";
const PROSE: &str = "Wir bestellen 250 Stück des Artikels 4711-0815 zum Preis von 1.249,90 EUR und möchten wissen, wann geliefert wird. ";
const API_KEYS: usize = 10_000;
/// Records of one segment, as the writer carries them over under load.
const SEGMENT: usize = 200;

/// So much may be used that no call is refused, and every limit is looked at.
fn plenty() -> Limits {
    Limits {
        requests_per_minute: Some(1_000_000_000_000),
        tokens_per_minute: Some(1_000_000_000_000),
        concurrent_calls: Some(1000),
        budget_day: Some(Money::from_units(1e9)),
        budget_month: Some(Money::from_units(1e9)),
    }
}

fn accounts(journal: Option<Arc<Journal>>) -> Accounts {
    let price = Price {
        input_per_million: 0.4,
        output_per_million: 1.6,
        ..Price::default()
    };
    Accounts::new(Config {
        limits: Arc::new(TenantLimits {
            default: plenty(),
            ..TenantLimits::default()
        }),
        prices: Prices::new([("default".to_owned(), vec![price, Price::default()])]),
        state: Arc::new(Memory::default()),
        journal,
    })
}

fn facts() -> AnswerFacts {
    AnswerFacts {
        backend: "azure-sweden".to_owned(),
        model: "gpt-4.1-mini".to_owned(),
        region: "swedencentral".to_owned(),
        deployment: None,
        degraded: false,
        reason: None,
        disguised: 0,
        attempts: Vec::new(),
        input_tokens: 512,
        output_tokens: 64,
        cost: Cost {
            amount: 0.000_307_2,
            currency: "EUR".to_owned(),
        },
        queue_ms: 0,
        time_to_first_token_ms: 1,
        duration_ms: 2,
    }
}

fn request() -> CompletionRequest {
    let mut text = VALUES.to_owned();
    while text.len() < 2048 {
        text.push_str(PROSE);
    }
    CompletionRequest {
        tenant: Some(Arc::from("acme")),
        ..CompletionRequest::new(
            vec![Message::system("Summarise the text."), Message::user(text)],
            512,
        )
    }
}

fn redactor(folder: &Path) -> Redactor {
    let file = folder.join("customers.txt");
    let names: Vec<String> = (0..1000).map(|number| format!("Kunde {number} GmbH")).collect();
    std::fs::write(&file, names.join("\n")).expect("written");
    Redactor::new(&redaction::Config {
        default: Policy {
            lists: vec![List {
                label: "CUSTOMER".to_owned(),
                file,
            }],
            ..Policy::default()
        },
        ..redaction::Config::default()
    })
    .expect("the list can be read")
}

/// Whoever has a token of the issuer, or one of ten thousand keys; gives one of those.
fn authenticator(issuer: &TokenIssuer, folder: &Path) -> (Authenticator, HeaderMap) {
    let known = tenancy::api_keys::generate().expect("random numbers");
    let line = |id: &str, sha256: &str| {
        json!({"id": id, "tenant": "acme", "name": "erp", "scopes": ["tools:call"], "sha256": sha256,
            "created": "Wed, 25 Nov 2026 18:00:00 GMT", "expires": "Thu, 25 Nov 2100 18:00:00 GMT"})
        .to_string()
    };
    let others = (1..API_KEYS).map(|number| line(&format!("{number:016x}"), &format!("{number:064x}")));
    let lines: Vec<_> = others.chain([line(&known.id, &known.sha256)]).collect();
    let (keys, jwks) = (folder.join("keys.jsonl"), folder.join("jwks.json"));
    std::fs::write(&keys, lines.join("\n")).expect("a writable folder");
    std::fs::write(&jwks, issuer.jwks().to_string()).expect("a writable folder");
    let jwt = tokens::Config {
        resource: RESOURCE.to_owned(),
        audiences: vec![RESOURCE.to_owned()],
        issuers: vec![issuer::Config {
            issuer: issuer.issuer(),
            keys: issuer::KeyLocation::File(jwks),
            tenants: Vec::new(),
            ca_file: None,
            refresh: Duration::from_mins(5),
            max_stale: Duration::from_mins(5),
        }],
        algorithms: vec!["ES256".parse().expect("a name")],
        clock_skew: Duration::from_secs(30),
        claims: ClaimNames::default(),
        roles: Vec::new(),
    };
    let config = tenancy::Config {
        jwt: Some(jwt),
        api_keys: Some(keys),
        ..tenancy::Config::default()
    };
    let authenticator = Authenticator::new(config).expect("files in order");
    (authenticator, bearer(&known.key))
}

fn bearer(credential: &str) -> HeaderMap {
    let value = HeaderValue::try_from(format!("Bearer {credential}")).expect("plain");
    HeaderMap::from_iter([(AUTHORIZATION, value)])
}

fn origin() -> Origin {
    Origin::new(
        Some("inspector"),
        Some("4bf92f3577b34da6a3ce929d0e0e4736".to_owned()),
    )
}

/// The rules, and what a call brings.
struct Scene {
    authenticator: Authenticator,
    accounts: Accounts,
    redactor: Redactor,
    request: CompletionRequest,
    facts: AnswerFacts,
}

impl Scene {
    fn admit(&self, headers: &HeaderMap) -> Principal {
        let asked = self.authenticator.authenticate(headers, None).now_or_never();
        asked.expect("no key is fetched").expect("admitted")
    }

    /// The account of a call, from its opening to its end; `within` is what happens meanwhile.
    fn account(&self, accounts: &Accounts, principal: &Principal, within: impl FnOnce()) {
        let arguments = || self.request.messages[1].content.clone().into_bytes();
        let mut account = accounts.open(principal, "classify_ticket", &origin(), arguments);
        let reserved = account.reserve(&self.request, None).now_or_never();
        assert!(
            reserved.is_some_and(|reserved| reserved.is_ok()),
            "plenty is left"
        );
        within();
        account.close(End::Answered(&self.facts));
    }

    /// Hides what is to be hidden, and puts it back into an answer that repeats the text.
    fn there_and_back(&self) -> usize {
        let disguised = self.redactor.disguise(&self.request).expect("disguised");
        let disguised = disguised.expect("something to hide");
        let answer = &disguised.request.messages[1].content;
        disguised.stand_ins.restore(answer).len()
    }
}

fn measure(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let issuer = runtime.block_on(TokenIssuer::start());
    let (authenticator, key) = authenticator(&issuer, folder.path());
    let token = bearer(&issuer.token(&json!({})));
    // As much as a run writes, and no more than a disk has.
    let journal = Journal::open(&folder.path().join("journal"), 4 << 30).expect("a writable folder");
    let scene = Scene {
        authenticator,
        accounts: accounts(Some(Arc::new(journal))),
        redactor: redactor(folder.path()),
        request: request(),
        facts: facts(),
    };
    let _runtime = runtime.enter();
    let mut group = criterion.benchmark_group("rules");
    for (name, headers) in [("token verified before", &token), ("API key", &key)] {
        group.bench_function(name, |bencher| bencher.iter(|| scene.admit(black_box(headers))));
    }
    let principal = Principal::new("acme", "erp", Proof::ApiKey, Scopes::all());
    let unwritten = accounts(None);
    group.bench_function("quota", |bencher| {
        bencher.iter(|| scene.account(&unwritten, &principal, || ()));
    });
    group.bench_function("quota and journal", |bencher| {
        bencher.iter(|| scene.account(&scene.accounts, &principal, || ()));
    });
    group.bench_function("redaction of 2 KB, there and back", |bencher| {
        bencher.iter(|| scene.there_and_back());
    });
    for (name, headers) in [("all, token", &token), ("all, API key", &key)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let principal = scene.admit(black_box(headers));
                scene.account(&scene.accounts, &principal, || {
                    black_box(scene.there_and_back());
                });
            });
        });
    }
    group.finish();
    carry(criterion, &runtime, folder.path());
}

/// Records as the journal has them, each with an id of its own.
fn records(round: u64) -> Vec<Record> {
    let record = |number| {
        json!({"id": format!("{round:016x}{number:012x}"), "at_ms": 1_795_600_000_000_u64, "tenant": "acme", "principal": "erp",
            "proof": "api key", "client": "inspector", "tool": "classify_ticket", "arguments_sha256": "0".repeat(64),
            "decision": "allowed", "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
            "usage": {"backend": "azure-sweden", "model": "gpt-4.1-mini", "input_tokens": 512, "output_tokens": 64,
                "cost_nanos": 307_200, "currency": "EUR", "outcome": "answered", "code": null, "degraded": false,
                "duration_ms": 2}})
    };
    let read = |number| serde_json::from_value(record(number)).expect("a record");
    (0..SEGMENT).map(read).collect()
}

fn carry(criterion: &mut Criterion, runtime: &Runtime, folder: &Path) {
    let location = Location::Sqlite(folder.join("ledger.sqlite"));
    let database = runtime.block_on(Database::open(&location)).expect("a new file");
    let mut round = 0;
    criterion.bench_function("200 records into SQLite", |bencher| {
        bencher.iter_batched(
            || {
                round += 1;
                records(round)
            },
            |records| runtime.block_on(database.append(&records)).expect("written"),
            criterion::BatchSize::PerIteration,
        );
    });
    runtime.block_on(database.close());
}

criterion_group!(benches, measure);
criterion_main!(benches);
