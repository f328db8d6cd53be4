//! What the account of a call costs: its limits reserved and settled in memory, its record appended to the journal.

use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use futures::FutureExt;
use inference::{AnswerFacts, CompletionRequest, Cost, Message, Price};
use mcp_server::accounts::{Accounts, Config, End, Origin, Prices};
use mcp_server::store::Journal;
use mcp_server::tenancy::quota::{Limits, Memory, Money, TenantLimits};
use mcp_server::tenancy::{Principal, Proof, Scopes};

/// So much may be used that no call is refused, and every limit is looked at.
fn plenty() -> Limits {
    Limits {
        requests_per_minute: Some(1_000_000_000),
        tokens_per_minute: Some(1_000_000_000),
        concurrent_calls: Some(1000),
        budget_day: Some(Money::from_units(1e9)),
        budget_month: Some(Money::from_units(1e9)),
    }
}

fn accounts(limits: Limits, journal: Option<Arc<Journal>>) -> Accounts {
    let price = Price {
        input_per_million: 0.4,
        output_per_million: 1.6,
        ..Price::default()
    };
    Accounts::new(Config {
        limits: Arc::new(TenantLimits {
            default: limits,
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

/// One call with 2 KB of arguments, from open to close.
fn call(
    accounts: &Accounts,
    principal: &Principal,
    request: &CompletionRequest,
    arguments: &[u8],
    facts: &AnswerFacts,
) {
    let origin = Origin::new(
        Some("inspector"),
        Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
    );
    let mut account = accounts.open(principal, "classify_ticket", &origin, || arguments.to_vec());
    let reserved = account.reserve(request, None).now_or_never();
    assert!(
        reserved.is_some_and(|reserved| reserved.is_ok()),
        "plenty is left"
    );
    account.close(End::Answered(facts));
}

fn measure(criterion: &mut Criterion) {
    let principal = Principal::new("acme", "erp", Proof::ApiKey, Scopes::all());
    let text = "x".repeat(2048);
    let request = CompletionRequest::new(vec![Message::user(text.clone())], 512);
    let facts = facts();
    let mut group = criterion.benchmark_group("accounts");
    let limited = accounts(plenty(), None);
    group.bench_function("quota in memory", |bencher| {
        bencher.iter(|| call(&limited, &principal, &request, text.as_bytes(), &facts));
    });
    let folder = tempfile::tempdir().expect("a temporary folder");
    // As much as a run writes, and no more than a disk has.
    let journal = Journal::open(folder.path(), 4 << 30).expect("a writable folder");
    let kept = accounts(plenty(), Some(Arc::new(journal)));
    group.bench_function("quota and journal", |bencher| {
        bencher.iter(|| call(&kept, &principal, &request, text.as_bytes(), &facts));
    });
    group.finish();
}

criterion_group!(benches, measure);
criterion_main!(benches);
