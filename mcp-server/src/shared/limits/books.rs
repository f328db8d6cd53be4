//! What this process knows of tenants: what Redis said last, which calls run here, and what is still to be told.
//!
//! No input or output: each step is short, and under one lock.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::page::{Batch, Page, Running};
use super::scripts::{Answer, Ended, Known};
use crate::tenancy::quota::{
    Alert, Amount, Exceeded, Limit, Limits, Moment, Money, Period, Refused, Reservation, day_and_month,
};

/// At so many tenants, those that nothing is to be told of are forgotten before another is remembered.
const SWEEP_AT: usize = 65_536;
/// Ends of calls that are told at once.
const BATCH: usize = 64;

#[derive(Debug)]
pub(super) struct Books {
    /// With what the names of this process's calls end.
    process: String,
    tenants: HashMap<Arc<str>, Page>,
    /// Tenants of whose calls something is to be told.
    unsettled: VecDeque<Arc<str>>,
    /// How many ends of calls, and sums of them, those are.
    untold: u64,
    calls: u64,
    batches: u64,
    sweep_at: usize,
}

/// What is to be told of one tenant.
pub(super) struct Errand {
    pub(super) name: Arc<str>,
    pub(super) limits: Limits,
    pub(super) known: Known,
    pub(super) batch: u64,
    pub(super) ended: Vec<Ended>,
}

impl Books {
    pub(super) fn new(process: String) -> Self {
        Self {
            process,
            tenants: HashMap::new(),
            unsettled: VecDeque::new(),
            untold: 0,
            calls: 0,
            batches: 0,
            sweep_at: SWEEP_AT,
        }
    }

    /// A number for a call, and what is known.
    pub(super) fn begin(&mut self, name: &str) -> (u64, Known) {
        self.calls += 1;
        let number = self.calls;
        (number, self.tenant(name).known.clone())
    }

    /// How Redis knows a call.
    pub(super) fn name_of(&self, number: u64, amount: Amount) -> String {
        call_name(&self.process, number, amount)
    }

    /// Reads whether a call was let in.
    pub(super) fn decided(
        &mut self,
        name: &str,
        limits: &Limits,
        (number, ask): (u64, Amount),
        answer: &Answer,
        now: Moment,
    ) -> Result<Reservation, Box<Refused>> {
        let tenant = self.tenant(name);
        tenant.hear(answer, now);
        let there = Moment { ms: answer.now_ms };
        let mut numbers = answer.known.numbers.clone();
        let standing = numbers.standing(limits, there);
        if answer.done {
            let running = Running {
                amount: ask,
                is_held: true,
                is_told: true,
            };
            tenant.running.insert(number, running);
            return Ok(Reservation {
                amount: ask,
                standing,
                number,
            });
        }
        let exceeded = numbers
            .exceeded(limits, ask, there)
            .unwrap_or_else(|| rounded(limits, ask));
        let alert = match exceeded.limit {
            Limit::Budget(period) if answer.told[0] == 1 => alert(period, 100, answer, limits),
            _ => None,
        };
        Err(Box::new(Refused {
            exceeded,
            standing,
            alert,
            parts: None,
        }))
    }

    /// Decides by this process's part of the limits.
    pub(super) fn decide_alone(
        &mut self,
        name: &str,
        limits: &Limits,
        ask: Amount,
        servers: u64,
        now: Moment,
    ) -> Result<Reservation, Box<Refused>> {
        self.calls += 1;
        let number = self.calls;
        let tenant = self.tenant(name);
        let now = tenant.there(now);
        let standing = tenant.share(servers, now).reserve(limits, ask, now)?;
        let running = Running {
            amount: ask,
            is_held: false,
            is_told: false,
        };
        tenant.running.insert(number, running);
        Ok(Reservation {
            amount: ask,
            standing,
            number,
        })
    }

    /// Notes the end of a call. Alerts are those of this process's part, while it is on its own.
    pub(super) fn settle(
        &mut self,
        name: &str,
        limits: &Limits,
        (reserved, used): (Reservation, Amount),
        alone_among: Option<u64>,
        now: Moment,
    ) -> Vec<Alert> {
        let call = self.name_of(reserved.number, reserved.amount);
        let tenant = self.tenant(name);
        tenant.limits = *limits;
        let now = tenant.there(now);
        // Begun before the call is no longer among those that run.
        if let Some(servers) = alone_among {
            tenant.share(servers, now);
        }
        let running = tenant.running.remove(&reserved.number);
        let alerts = match &mut tenant.share {
            Some(share) if alone_among.is_some() => share.settle(limits, reserved.amount, used, now),
            _ => Vec::new(),
        };
        let (is_held, is_told) = running.map_or((false, false), |running| (running.is_held, running.is_told));
        let (day, month) = day_and_month(now);
        let mut end = Ended {
            call,
            held: if is_held { reserved.amount.tokens } else { 0 },
            used,
            day,
            month,
        };
        if alone_among.is_some() && !is_told {
            // Nobody else will hear of the call, and its tokens have drained when they hear of the money.
            end.call = String::new();
            end.used.tokens = 0;
        }
        self.owe(name, end);
        alerts
    }

    /// Nobody heard whether a call was let in: if it was, it is over.
    pub(super) fn forget_call(&mut self, name: &str, limits: &Limits, number: u64, ask: Amount, now: Moment) {
        let call = self.name_of(number, ask);
        let tenant = self.tenant(name);
        tenant.limits = *limits;
        let (day, month) = day_and_month(tenant.there(now));
        let end = Ended {
            call,
            held: ask.tokens,
            used: Amount::default(),
            day,
            month,
        };
        self.owe(name, end);
    }

    /// Notes an end that is to be told.
    fn owe(&mut self, name: &str, end: Ended) {
        let is_new = self.tenant(name).note(end);
        self.untold += u64::from(is_new);
        self.queue(name);
    }

    /// What is to be told next, of so many tenants at most.
    pub(super) fn errands(&mut self, most: usize) -> Vec<Errand> {
        let mut errands = Vec::new();
        while errands.len() < most
            && let Some(name) = self.unsettled.pop_front()
        {
            let Some(tenant) = self.tenants.get_mut(&name) else {
                continue;
            };
            let batch = tenant.sent.get_or_insert_with(|| {
                self.batches += 1;
                let count = tenant.waiting.len().min(BATCH);
                Batch {
                    number: self.batches,
                    ended: tenant.waiting.drain(..count).collect(),
                }
            });
            errands.push(Errand {
                name,
                limits: tenant.limits,
                known: tenant.known.clone(),
                batch: batch.number,
                ended: batch.ended.clone(),
            });
        }
        errands
    }

    /// What was told of a tenant is settled.
    pub(super) fn told(&mut self, errand: &Errand, answer: &Answer, now: Moment) -> Vec<Alert> {
        let tenant = self.tenant(&errand.name);
        tenant.sent = None;
        tenant.is_queued = false;
        tenant.hear(answer, now);
        self.untold -= errand.ended.len() as u64;
        self.queue_if_needed(&errand.name);
        let told = Period::ALL.into_iter().zip(answer.told);
        told.filter(|(_, percent)| *percent > 0)
            .filter_map(|(period, percent)| {
                alert(period, u8::try_from(percent).ok()?, answer, &errand.limits)
            })
            .collect()
    }

    /// It may or may not have been heard: it stays to be told.
    pub(super) fn not_told(&mut self, errand: &Errand) {
        self.tenant(&errand.name).is_queued = false;
        self.queue(&errand.name);
    }

    /// All calls that run here, by tenant: Redis hears of them from now on.
    pub(super) fn running(&mut self) -> Vec<(Arc<str>, Vec<String>)> {
        let process = &self.process;
        let mut all = Vec::new();
        for (name, tenant) in &mut self.tenants {
            if tenant.running.is_empty() {
                continue;
            }
            let calls = tenant.running.iter_mut().map(|(number, running)| {
                running.is_told = true;
                call_name(process, *number, running.amount)
            });
            all.push((Arc::clone(name), calls.collect()));
        }
        all
    }

    /// Sees to it that no less than this is known to be spent.
    pub(super) fn spent_at_least(&mut self, name: &str, today: Money, this_month: Money, now: Moment) {
        let tenant = self.tenant(name);
        let now = tenant.there(now);
        tenant.known.numbers.spent_at_least(today, this_month, now);
    }

    /// What is spent today and this month, as far as is known here.
    pub(super) fn spent(&self, name: &str, now: Moment) -> (Money, Money) {
        let Some(tenant) = self.tenants.get(name) else {
            return (Money::ZERO, Money::ZERO);
        };
        let now = tenant.there(now);
        match &tenant.share {
            Some(share) => share.spent(now),
            None => tenant.known.numbers.spent(now),
        }
    }

    /// How many ends of calls are still to be told.
    pub(super) fn count_unsettled(&self) -> u64 {
        self.untold
    }

    fn tenant(&mut self, name: &str) -> &mut Page {
        if !self.tenants.contains_key(name) {
            if self.tenants.len() >= self.sweep_at {
                self.tenants.retain(|_, tenant| !tenant.is_quiet());
                // Whoever is left is in use; looked at again when there are twice as many.
                self.sweep_at = SWEEP_AT.max(self.tenants.len() * 2);
            }
            self.tenants.insert(Arc::from(name), Page::default());
        }
        self.tenants.get_mut(name).expect("inserted above")
    }

    fn queue(&mut self, name: &str) {
        let Some((name, _)) = self.tenants.get_key_value(name) else {
            return;
        };
        let name = Arc::clone(name);
        let tenant = self.tenant(&name);
        if !std::mem::replace(&mut tenant.is_queued, true) {
            self.unsettled.push_back(name);
        }
    }

    fn queue_if_needed(&mut self, name: &str) {
        if self
            .tenants
            .get(name)
            .is_some_and(|tenant| !tenant.waiting.is_empty())
        {
            self.queue(name);
        }
    }
}

/// How Redis knows a call: what it may cost comes first.
fn call_name(process: &str, number: u64, amount: Amount) -> String {
    format!("{}:{process}:{number}", amount.cost.nanos())
}

fn alert(period: Period, percent: u8, answer: &Answer, limits: &Limits) -> Option<Alert> {
    Some(Alert {
        period,
        percent,
        spent: answer.known.numbers.spent_in(period).1,
        budget: limits.budget(period)?,
    })
}

/// Numbers beyond 2^53 are rounded by scripts: what did not fit there may fit here, by a billionth.
fn rounded(limits: &Limits, ask: Amount) -> Exceeded {
    let period = if limits.budget_day.is_some() {
        Period::Day
    } else {
        Period::Month
    };
    Exceeded {
        limit: Limit::Budget(period),
        of: limits.budget(period).unwrap_or_default().to_string(),
        left: "0.00".to_owned(),
        needs: ask.cost.to_string(),
        retry_after: Some(Duration::from_secs(1)),
        resets_in: None,
    }
}
