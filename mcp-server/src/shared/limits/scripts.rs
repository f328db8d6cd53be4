//! What Redis is asked about limits, one script a step, and how its answers are read.

use std::sync::LazyLock;
use std::time::Duration;

use redis::{Script, ScriptInvocation};

use crate::shared::connection::Connection;
use crate::shared::link::{Link, Lost};
use crate::tenancy::quota::{ALERTS, Amount, Limits, Money, Numbers, Period};

static RESERVE: LazyLock<Script> =
    LazyLock::new(|| Script::new(concat!(include_str!("numbers.lua"), include_str!("reserve.lua"))));
static SETTLE: LazyLock<Script> =
    LazyLock::new(|| Script::new(concat!(include_str!("numbers.lua"), include_str!("settle.lua"))));
static RENEW: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("renew.lua")));
static BEAT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("beat.lua")));

/// How long a call holds its place, and a process counts, without a word from it.
pub(super) const LEASE: Duration = Duration::from_secs(10);

/// What all scripts of one tenant begin with.
#[derive(Debug, Clone)]
pub(super) struct Tenant {
    /// Begins all its keys. In braces, so that a cluster keeps them at one place.
    pub(super) keys: String,
    /// This process.
    pub(super) process: String,
    /// `None` for the clock of Redis, which all agree on.
    pub(super) now_ms: Option<i64>,
    pub(super) limits: Limits,
    pub(super) known: Known,
}

/// What a process knows of a tenant by what Redis said last, and the ledger before.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// When the memory of Redis began; 0 where it has said nothing yet.
    pub(super) era: i64,
    pub(super) numbers: Numbers,
}

/// The end of a call, or a sum of ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ended {
    /// Its name; empty where Redis never heard of it.
    pub(super) call: String,
    /// Tokens that Redis has put aside for it.
    pub(super) held: u64,
    pub(super) used: Amount,
    /// When it ended.
    pub(super) day: i64,
    pub(super) month: i64,
}

/// What a script says.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    /// Whether it was done.
    pub(super) done: bool,
    pub(super) told: [i64; 2],
    /// The time there.
    pub(super) now_ms: i64,
    pub(super) known: Known,
}

impl Answer {
    fn read(said: [i64; 17]) -> Self {
        let [done, first, second, now_ms, era, counts @ ..] = said;
        Self {
            done: done == 1,
            told: [first, second],
            now_ms,
            known: Known {
                era,
                numbers: Numbers::from_counts(counts),
            },
        }
    }
}

/// Takes what a call may need out of every limit, or out of none.
pub(super) async fn reserve(link: &Link, tenant: &Tenant, ask: Amount, call: &str) -> Result<Answer, Lost> {
    let mut script = tenant.begin(&RESERVE);
    script.arg(ask.tokens).arg(ask.cost.nanos()).arg(call);
    Ok(Answer::read(link.run(&script).await?))
}

/// Puts what calls took in the place of what they had reserved. Said twice, it is done once.
pub(super) async fn settle(
    link: &Link,
    tenant: &Tenant,
    batch: u64,
    ended: &[Ended],
) -> Result<Answer, Lost> {
    let mut script = tenant.begin(&SETTLE);
    for period in Period::ALL {
        let budget = tenant.limits.budget(period);
        for percent in ALERTS {
            script.arg(or_nothing(budget.map(|budget| budget.percent(percent).nanos())));
        }
    }
    script.arg(batch);
    for end in ended {
        script
            .arg(&end.call)
            .arg(end.held)
            .arg(end.used.tokens)
            .arg(end.used.cost.nanos())
            .arg(end.day)
            .arg(end.month);
    }
    Ok(Answer::read(link.run(&script).await?))
}

/// Says that calls still run.
pub(super) async fn renew(
    link: &Link,
    keys: &str,
    now_ms: Option<i64>,
    calls: &[String],
) -> Result<(), Lost> {
    let mut script = RENEW.key(format!("{keys}:used"));
    script
        .key(format!("{keys}:calls"))
        .arg(or_nothing(now_ms))
        .arg(millis(lease(now_ms)));
    for call in calls {
        script.arg(call);
    }
    link.run::<i64>(&script).await.map(drop)
}

/// Says that this process lives, or no longer does, and counts those that do.
pub(super) async fn beat(link: &Link, process: &str, lives: bool) -> Result<u64, Lost> {
    let mut script = BEAT.key(processes(link.prefix()));
    script.arg(process).arg(if lives { millis(LEASE) } else { 0 });
    link.run(&script).await
}

/// Counts the processes that live, for somebody who is none.
pub(super) async fn count(prefix: &str, connection: &mut Connection) -> redis::RedisResult<u64> {
    let mut script = BEAT.key(processes(prefix));
    script.arg("").arg(0);
    script.invoke_async(connection).await
}

fn processes(prefix: &str) -> String {
    format!("{{{prefix}}}:processes")
}

impl Tenant {
    fn begin<'a>(&self, script: &'a Script) -> ScriptInvocation<'a> {
        let Self {
            keys,
            process,
            now_ms,
            limits,
            known,
        } = self;
        let mut script = script.key(format!("{keys}:used"));
        script
            .key(format!("{keys}:calls"))
            .key(format!("{keys}:batch:{process}"))
            .arg(or_nothing(*now_ms))
            .arg(millis(lease(*now_ms)))
            .arg(or_nothing((known.era != 0).then_some(known.era)));
        for period in Period::ALL {
            let (number, spent) = known.numbers.spent_in(period);
            script.arg(number).arg(spent.nanos());
        }
        script
            .arg(or_nothing(limits.requests_per_minute))
            .arg(or_nothing(limits.tokens_per_minute))
            .arg(or_nothing(limits.concurrent_calls))
            .arg(or_nothing(limits.budget_day.map(Money::nanos)))
            .arg(or_nothing(limits.budget_month.map(Money::nanos)));
        script
    }
}

/// Where time jumps, as in tests, nobody renews anything in between.
fn lease(now_ms: Option<i64>) -> Duration {
    match now_ms {
        None => LEASE,
        Some(_) => LEASE * 1_000_000,
    }
}

fn or_nothing(number: Option<impl ToString>) -> String {
    number.map_or_else(String::new, |number| number.to_string())
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
