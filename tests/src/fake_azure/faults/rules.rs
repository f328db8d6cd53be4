//! The rules: which requests a fault strikes.

use std::{collections::VecDeque, sync::Mutex, time::Duration};

use tokio::time::Instant;

use super::Fault;

/// A fault, and the requests that it strikes.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// What goes wrong.
    pub fault: Fault,
    /// For which deployment; `None` is every one.
    pub deployment: Option<String>,
    /// For which of its requests.
    pub schedule: Schedule,
}

/// Which requests a [`Rule`] strikes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Schedule {
    /// Each one.
    Always,
    /// The next so many; then the rule is gone.
    Next(u32),
    /// Every n-th.
    Every(u32),
    /// Each with this probability, drawn from this seed.
    Chance {
        /// 0 to 1.
        probability: f64,
        /// The same seed strikes the same requests.
        seed: u64,
    },
    /// Those within a span of time, counted from when the rule was made.
    Window {
        /// Until it begins.
        after: Duration,
        /// How long it lasts.
        length: Duration,
    },
}

/// The rules in force. The first that strikes a request decides.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Mutex<VecDeque<Active>>,
}

#[derive(Debug)]
struct Active {
    rule: Rule,
    since: Instant,
    seen: u64,
    draws: u64,
}

impl Faults {
    /// Adds a rule, behind those there are.
    pub fn add(&self, rule: Rule) {
        let draws = if let Schedule::Chance { seed, .. } = rule.schedule {
            seed
        } else {
            0
        };
        self.lock().push_back(Active {
            rule,
            since: Instant::now(),
            seen: 0,
            draws,
        });
    }

    /// Strikes the next so many requests.
    pub fn next(&self, times: u32, fault: Fault) {
        self.add(Rule {
            fault,
            deployment: None,
            schedule: Schedule::Next(times),
        });
    }

    /// Strikes each request until [`Faults::clear`].
    pub fn always(&self, fault: Fault) {
        self.add(Rule {
            fault,
            deployment: None,
            schedule: Schedule::Always,
        });
    }

    /// Forgets every rule.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// The rules in force.
    pub fn rules(&self) -> Vec<Rule> {
        self.lock().iter().map(|active| active.rule.clone()).collect()
    }

    /// Decides what goes wrong with a request that has just come.
    pub(in crate::fake_azure) fn strike(&self, deployment: &str) -> Option<Fault> {
        let mut rules = self.lock();
        let now = Instant::now();
        let hit = rules
            .iter_mut()
            .position(|active| active.strikes(deployment, now))?;
        let fault = rules[hit].rule.fault.clone();
        if let Schedule::Next(left) = &mut rules[hit].rule.schedule {
            *left -= 1;
        }
        rules.retain(|active| active.rule.schedule != Schedule::Next(0));
        Some(fault)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Active>> {
        self.rules
            .lock()
            .expect("nothing panics while it holds the rules")
    }
}

impl Active {
    fn strikes(&mut self, deployment: &str, now: Instant) -> bool {
        if self
            .rule
            .deployment
            .as_deref()
            .is_some_and(|wanted| wanted != deployment)
        {
            return false;
        }
        self.seen += 1;
        match self.rule.schedule {
            Schedule::Always => true,
            Schedule::Next(left) => left > 0,
            Schedule::Every(n) => self.seen.is_multiple_of(u64::from(n)),
            Schedule::Chance { probability, .. } => {
                let (state, share) = draw(self.draws);
                self.draws = state;
                share < probability
            }
            Schedule::Window { after, length } => {
                let age = now.duration_since(self.since);
                age >= after && age < after + length
            }
        }
    }
}

/// One step of `SplitMix64`: the next state, and a share from 0 to 1.
fn draw(state: u64) -> (u64, f64) {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    let top = u32::try_from(mixed >> 32).expect("the upper half has 32 bits");
    (state, f64::from(top) / f64::from(u32::MAX))
}
