//! The account of each call: reserved before a model is asked, settled when the call has ended, and written down.
//!
//! [`Accounts::open`] begins one. However its call ends, dropped by its caller included, it is settled once and written
//! down once. Content is never written down: of arguments, their digest.

mod alerts;
mod keep;
mod origin;
mod prices;
mod refusals;

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::{FutureExt, StreamExt};
use inference::{AnswerFacts, CallError, CallEvent, CallStream, CompletionRequest};

pub use alerts::Alerts;
pub use keep::{Kept, keep};
pub use origin::Origin;
pub(crate) use origin::plain;
pub use prices::Prices;

use refusals::Refusals;

use crate::store::{Journal, Record, Usage};
use crate::tenancy::Principal;
use crate::tenancy::quota::{
    Amount, Memory, Moment, Money, Refused, Reservation, SharedState, Standing, TenantLimits,
};

/// Keeps the accounts of all calls. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    shared: Arc<Shared>,
}

/// What accounts are kept with.
pub struct Config {
    /// What each tenant may use.
    pub limits: Arc<TenantLimits>,
    /// What calls may cost.
    pub prices: Prices,
    /// Where use is counted.
    pub state: Arc<dyn SharedState>,
    /// Where calls are written down, if anywhere.
    pub journal: Option<Arc<Journal>>,
}

struct Shared {
    config: Config,
    alerts: Alerts,
    refusals: Refusals,
}

impl std::fmt::Debug for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Accounts")
    }
}

impl Default for Accounts {
    /// Nothing is limited, and nothing is written down.
    fn default() -> Self {
        Self::new(Config {
            limits: Arc::default(),
            prices: Prices::default(),
            state: Arc::new(Memory::default()),
            journal: None,
        })
    }
}

impl Accounts {
    /// Keeps accounts with this.
    pub fn new(config: Config) -> Self {
        Self::telling(config, Alerts::default())
    }

    /// Keeps accounts with this, and tells these, as the state may on its own.
    pub fn telling(config: Config, alerts: Alerts) -> Self {
        Self {
            shared: Arc::new(Shared {
                config,
                alerts,
                refusals: Refusals::default(),
            }),
        }
    }

    /// Counts budgets that were nearly spent.
    pub fn alerts(&self) -> &Alerts {
        &self.shared.alerts
    }

    /// What each tenant may use.
    pub fn limits(&self) -> &TenantLimits {
        &self.shared.config.limits
    }

    /// Where use is counted.
    pub fn state(&self) -> &Arc<dyn SharedState> {
        &self.shared.config.state
    }

    /// Where calls are written down.
    pub fn journal(&self) -> Option<&Arc<Journal>> {
        self.shared.config.journal.as_ref()
    }

    /// Opens the account of a call. `arguments` are written out only where their digest is wanted.
    pub fn open<A: AsRef<[u8]>>(
        &self,
        principal: &Principal,
        tool: &'static str,
        origin: &Origin,
        arguments: impl FnOnce() -> A,
    ) -> Account {
        let record = self.journal().map(|_| {
            let digest = ring::digest::digest(&ring::digest::SHA256, arguments().as_ref());
            Box::new(Record::open(principal, tool, origin, digest.as_ref()))
        });
        Account {
            shared: Arc::clone(&self.shared),
            tenant: principal.tenant_key(),
            began: Instant::now(),
            reserved: None,
            asked: false,
            record,
            useless: None,
            closed: false,
        }
    }

    /// Writes down that somebody known was refused before it had a call: `code` says why. Bounded.
    pub fn refuse<A: AsRef<[u8]>>(
        &self,
        principal: &Principal,
        tool: &'static str,
        origin: &Origin,
        arguments: impl FnOnce() -> A,
        code: &'static str,
    ) {
        let refusals = &self.shared.refusals;
        if self.journal().is_some() && refusals.admit(&principal.tenant_key(), Instant::now()) {
            let account = self.open(principal, tool, origin, arguments);
            account.close(End::Refused(code));
        }
    }
}

/// The account of one call. Dropped without an end, it is that of a call whose caller went away.
pub struct Account {
    shared: Arc<Shared>,
    tenant: Arc<str>,
    began: Instant,
    reserved: Option<Reservation>,
    /// Whether a model was to be asked.
    asked: bool,
    record: Option<Box<Record>>,
    /// An answer that was paid for and is of no use.
    useless: Option<Box<AnswerFacts>>,
    closed: bool,
}

/// How a call ended.
#[derive(Debug, Clone, Copy)]
pub enum End<'a> {
    /// A model answered.
    Answered(&'a AnswerFacts),
    /// It was done without a model.
    Done,
    /// It was not let in: the code.
    Refused(&'static str),
    /// It was let in, and has no result: the code.
    Failed(&'static str),
    /// Its caller went away.
    Cancelled,
}

impl Account {
    /// Takes what the call may need out of the tenant's limits.
    ///
    /// # Errors
    /// Says which limit it would exceed. Nothing is taken then.
    pub async fn reserve(
        &mut self,
        request: &CompletionRequest,
        chain: Option<&str>,
    ) -> Result<Standing, Box<Refused>> {
        self.asked = true;
        let Config {
            limits,
            prices,
            state,
            ..
        } = &self.shared.config;
        let limits = limits.of(&self.tenant);
        if !limits.is_limited() {
            return Ok(Standing::default());
        }
        let ask = prices.most(request, chain);
        match state.reserve(&self.tenant, limits, ask, Moment::now()).await {
            Ok(reservation) => {
                self.reserved = Some(reservation);
                Ok(reservation.standing)
            }
            Err(refused) => {
                if let Some(alert) = refused.alert {
                    self.shared.alerts.tell(&self.tenant, alert);
                }
                Err(refused)
            }
        }
    }

    /// Notes the trace that the call belongs to, where it is known only now.
    pub fn note_trace(&mut self, trace_id: Option<String>) {
        if let (Some(record), Some(id)) = (&mut self.record, trace_id) {
            record.trace_id = Some(id);
        }
    }

    /// Notes an answer that is of no use, and was paid for.
    pub fn note(&mut self, facts: &AnswerFacts) {
        self.useless = Some(Box::new(facts.clone()));
    }

    /// Closes the account when the events of its call end.
    pub fn follow(self, events: CallStream) -> CallStream {
        let mut account = Some(self);
        events
            .inspect(move |event| match event {
                Ok(CallEvent::Answered(answer)) => close(&mut account, End::Answered(&answer.facts)),
                Ok(_) => {}
                Err(error) => close(&mut account, End::of_error(error)),
            })
            .boxed()
    }

    /// Settles, and writes down.
    pub fn close(mut self, end: End<'_>) {
        self.conclude(end);
    }

    fn conclude(&mut self, end: End<'_>) {
        if std::mem::replace(&mut self.closed, true) {
            return;
        }
        let useless = self.useless.take();
        let facts = end.facts().or(useless.as_deref());
        if let Some(reserved) = self.reserved.take() {
            self.settle(reserved, used(end, facts, reserved.amount));
        }
        let Some(mut record) = self.record.take() else {
            return;
        };
        let Some(journal) = &self.shared.config.journal else {
            return;
        };
        record.close(end, facts, self.asked, self.began.elapsed());
        journal.append(&record);
    }

    fn settle(&self, reserved: Reservation, used: Amount) {
        let (shared, tenant) = (Arc::clone(&self.shared), Arc::clone(&self.tenant));
        let mut settling = Box::pin(async move {
            let Config { limits, state, .. } = &shared.config;
            let limits = limits.of(&tenant);
            let alerts = state.settle(&tenant, limits, reserved, used, Moment::now()).await;
            for alert in alerts {
                shared.alerts.tell(&tenant, alert);
            }
        });
        // Done at once where it is counted, or noted, in this process. Nobody has to wait for one that is further away.
        if (&mut settling).now_or_never().is_none() {
            tokio::spawn(settling);
        }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.conclude(End::Cancelled);
    }
}

impl<'a> End<'a> {
    /// Of a call that the gateway let in or shed.
    pub fn of_error(error: &CallError) -> Self {
        End::Failed(error.code())
    }

    fn facts(self) -> Option<&'a AnswerFacts> {
        match self {
            End::Answered(facts) => Some(facts),
            End::Done | End::Refused(_) | End::Failed(_) | End::Cancelled => None,
        }
    }
}

fn close(account: &mut Option<Account>, end: End<'_>) {
    if let Some(account) = account.take() {
        account.close(end);
    }
}

/// What a call took. What an upstream bills for an answer that nobody waited for is not known: all that was reserved.
fn used(end: End<'_>, facts: Option<&AnswerFacts>, reserved: Amount) -> Amount {
    match (facts, end) {
        (Some(facts), _) => Amount {
            tokens: u64::from(facts.input_tokens) + u64::from(facts.output_tokens),
            cost: Money::from_units(facts.cost.amount),
        },
        (None, End::Cancelled) => reserved,
        (None, _) => Amount::default(),
    }
}

impl Usage {
    /// What is written down of how a call ended.
    fn of(end: End<'_>, facts: Option<&AnswerFacts>) -> Self {
        let (outcome, code) = match end {
            End::Answered(facts) if facts.degraded => ("degraded", None),
            End::Answered(_) | End::Done => ("answered", None),
            End::Failed(code @ ("queue_full" | "wait_too_long" | "draining")) => ("shed", Some(code)),
            End::Refused(code) | End::Failed(code) => ("failed", Some(code)),
            End::Cancelled => ("cancelled", None),
        };
        Self {
            backend: facts.map(|facts| facts.backend.clone()),
            model: facts.map(|facts| facts.model.clone()),
            input_tokens: facts.map_or(0, |facts| facts.input_tokens),
            output_tokens: facts.map_or(0, |facts| facts.output_tokens),
            cost_nanos: facts.map_or(0, |facts| Money::from_units(facts.cost.amount).nanos()),
            currency: facts.map(|facts| facts.cost.currency.clone()),
            outcome: outcome.into(),
            code: code.map(Into::into),
            degraded: facts.is_some_and(|facts| facts.degraded),
            duration_ms: 0,
        }
    }
}

impl Record {
    fn close(&mut self, end: End<'_>, facts: Option<&AnswerFacts>, asked: bool, took: Duration) {
        match end {
            End::Refused(code) => {
                self.decision = code.into();
                return;
            }
            // Decided by the tenant's rule, after the queue.
            End::Failed(code @ "not_permitted") => self.decision = code.into(),
            End::Answered(_) | End::Done | End::Failed(_) | End::Cancelled => {}
        }
        if asked {
            self.usage = Some(Usage {
                duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
                ..Usage::of(end, facts)
            });
        }
    }
}

#[cfg(test)]
mod tests;
