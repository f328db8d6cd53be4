//! Every way in which a call ends, and what its account says then.

use inference::{AnswerFacts, Cost, Message, Price};

use super::*;
use crate::tenancy::quota::{Limit, Limits};

struct Scene {
    accounts: Accounts,
    journal: Arc<Journal>,
    folder: tempfile::TempDir,
}

/// A budget of 2,000 calls of one token each way.
fn scene(limits: Limits) -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let journal = Arc::new(Journal::open(folder.path(), 1 << 20).unwrap());
    let price = Price {
        input_per_million: 1.0,
        output_per_million: 1.0,
        ..Price::default()
    };
    let accounts = Accounts::new(Config {
        limits: Arc::new(TenantLimits {
            default: limits,
            ..TenantLimits::default()
        }),
        prices: Prices::new([("default".to_owned(), vec![price])]),
        state: Arc::new(Memory::default()),
        journal: Some(Arc::clone(&journal)),
    });
    Scene {
        accounts,
        journal,
        folder,
    }
}

fn facts(input_tokens: u32, output_tokens: u32) -> AnswerFacts {
    AnswerFacts {
        backend: "azure".to_owned(),
        model: "gpt".to_owned(),
        region: "here".to_owned(),
        deployment: None,
        degraded: false,
        reason: None,
        disguised: 0,
        attempts: Vec::new(),
        input_tokens,
        output_tokens,
        cost: Cost {
            amount: f64::from(input_tokens + output_tokens) / 1e6,
            currency: "EUR".to_owned(),
        },
        queue_ms: 0,
        time_to_first_token_ms: 1,
        duration_ms: 2,
    }
}

/// 96 tokens of prompt, 100 of answer.
fn request() -> CompletionRequest {
    CompletionRequest::new(vec![Message::user("x".repeat(368))], 100)
}

impl Scene {
    fn open(&self) -> Account {
        let principal = Principal::for_test("ann");
        let origin = Origin::new(Some("inspector"), None);
        self.accounts.open(&principal, "tool", &origin, || b"{}".to_vec())
    }

    async fn spent(&self) -> i64 {
        let (today, this_month) = self.accounts.state().spent("test", Moment::now()).await;
        assert_eq!(today, this_month);
        today.nanos()
    }

    /// What the journal holds.
    fn records(&self) -> Vec<Record> {
        let mut lines = Vec::new();
        for entry in std::fs::read_dir(self.folder.path()).unwrap() {
            for file in std::fs::read_dir(entry.unwrap().path()).unwrap() {
                let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
                lines.extend(text.lines().map(|line| serde_json::from_str(line).unwrap()));
            }
        }
        lines
    }
}

fn budget(nanos: i64) -> Limits {
    Limits {
        budget_day: Some(Money::from_nanos(nanos)),
        concurrent_calls: Some(2),
        ..Limits::default()
    }
}

#[tokio::test]
async fn an_answer_is_settled_at_what_it_took_and_written_down() {
    let scene = scene(budget(1_000_000));
    let mut account = scene.open();
    account.reserve(&request(), None).await.unwrap();
    account.close(End::Answered(&facts(90, 10)));
    assert_eq!(scene.spent().await, 100_000);
    let records = scene.records();
    let [record] = &records[..] else {
        panic!("{records:?}")
    };
    assert_eq!(
        (record.tenant.as_str(), record.principal.as_str()),
        ("test", "ann")
    );
    assert_eq!(record.client.as_deref(), Some("inspector"));
    assert_eq!(record.decision, "allowed");
    // The digest of `{}`.
    assert!(
        record.arguments_sha256.starts_with("44136fa355b3678a"),
        "{}",
        record.arguments_sha256
    );
    let usage = record.usage.as_ref().unwrap();
    assert_eq!(
        (usage.input_tokens, usage.output_tokens, usage.cost_nanos),
        (90, 10, 100_000)
    );
    assert_eq!(usage.outcome, "answered");
    assert_eq!(scene.journal.lost(), 0);
}

#[tokio::test]
async fn whoever_goes_away_pays_what_was_reserved_and_a_failure_costs_nothing() {
    let scene = scene(budget(1_000_000));
    let mut gone = scene.open();
    gone.reserve(&request(), None).await.unwrap();
    drop(gone);
    assert_eq!(scene.spent().await, 196_000);
    let mut failed = scene.open();
    failed.reserve(&request(), None).await.unwrap();
    failed.close(End::Failed("deadline_exceeded"));
    assert_eq!(scene.spent().await, 196_000);
    let mut shed = scene.open();
    shed.reserve(&request(), None).await.unwrap();
    shed.close(End::Failed("queue_full"));
    let mut useless = scene.open();
    useless.reserve(&request(), None).await.unwrap();
    useless.note(&facts(90, 10));
    useless.close(End::Failed("unusable_answer"));
    assert_eq!(scene.spent().await, 296_000, "it was paid for");
    let ends: Vec<_> = scene
        .records()
        .into_iter()
        .map(|record| record.usage.map(|usage| (usage.outcome, usage.code)))
        .collect();
    assert_eq!(
        ends,
        [
            Some(("cancelled".into(), None)),
            Some(("failed".into(), Some("deadline_exceeded".into()))),
            Some(("shed".into(), Some("queue_full".into()))),
            Some(("failed".into(), Some("unusable_answer".into()))),
        ]
    );
}

#[tokio::test]
async fn who_is_over_a_limit_is_refused_and_takes_nothing() {
    let scene = scene(budget(300_000));
    let (mut one, mut two, mut three) = (scene.open(), scene.open(), scene.open());
    one.reserve(&request(), None).await.unwrap();
    let refused = two.reserve(&request(), None).await.unwrap_err();
    assert_eq!(refused.exceeded.limit.as_str(), "budget_day");
    assert_eq!(refused.exceeded.left, "0.000104");
    assert!(
        refused
            .exceeded
            .retry_after
            .is_some_and(|wait| wait.as_secs() <= 86_400)
    );
    two.close(End::Refused("quota_exceeded"));
    one.close(End::Answered(&facts(1, 1)));
    // What was not needed is there again.
    three.reserve(&request(), None).await.unwrap();
    three.close(End::Answered(&facts(1, 1)));
    let records = scene.records();
    assert_eq!(records[0].decision, "quota_exceeded");
    assert_eq!(records[0].usage, None, "it asked no model");
    let told: u64 = scene
        .accounts
        .alerts()
        .counts()
        .iter()
        .map(|(_, _, count)| count)
        .sum();
    assert_eq!(told, 1, "that the budget is spent or promised");
}

#[tokio::test]
async fn calls_at_once_are_counted_until_each_has_ended() {
    let scene = scene(Limits {
        concurrent_calls: Some(1),
        ..Limits::default()
    });
    let (mut one, mut two) = (scene.open(), scene.open());
    one.reserve(&request(), None).await.unwrap();
    let refused = two.reserve(&request(), None).await.unwrap_err();
    assert_eq!(refused.exceeded.limit, Limit::ConcurrentCalls);
    drop(one);
    two.reserve(&request(), None).await.unwrap();
}

#[tokio::test]
async fn a_call_that_never_fits_is_told_so() {
    let scene = scene(Limits {
        tokens_per_minute: Some(100),
        ..Limits::default()
    });
    let refused = scene.open().reserve(&request(), None).await.unwrap_err();
    assert_eq!(refused.exceeded.retry_after, None);
    assert!(refused.to_string().contains("ask for less"), "{refused}");
}
