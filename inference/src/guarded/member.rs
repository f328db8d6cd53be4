//! A circuit as a member of a fleet: asks before it tries, tells what was seen, and heeds what others saw.

use std::{
    ops::Deref,
    sync::{Arc, Mutex, Once, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    fleet::{Fleet, Leave, News},
    resilience::breaker::{self, Breaker, State, Transition},
};

/// However the others are asked, nobody waits longer for it.
const LONGEST_ASK: Duration = Duration::from_secs(1);

/// A breaker, and the fleet that it is a member of, if there is one.
#[derive(Clone)]
pub(super) struct Circuit {
    breaker: Breaker,
    member: Option<Arc<Member>>,
}

impl Deref for Circuit {
    type Target = Breaker;

    fn deref(&self) -> &Breaker {
        &self.breaker
    }
}

impl Circuit {
    /// A circuit whose transitions `tell` hears of, and after it the fleet.
    pub(super) fn new(
        config: breaker::Config,
        member: Option<Member>,
        tell: impl Fn(&Transition) + Send + Sync + 'static,
    ) -> Self {
        let member = member.map(Arc::new);
        let telling = member.clone();
        let listener = move |transition: &Transition| {
            tell(transition);
            if let Some(member) = &telling {
                member.tell(transition);
            }
        };
        Self {
            breaker: Breaker::with_listener(config, Box::new(listener)),
            member,
        }
    }

    /// Asks whether the trial that was begun may be made here; an error says when to ask again.
    pub(super) async fn ask(&self) -> Result<Option<Lease>, Duration> {
        match &self.member {
            Some(member) => member.ask().await,
            None => Ok(None),
        }
    }

    /// Heeds what others see, once for each circuit however many share it, and tells `changed` when that mattered.
    pub(super) fn listen(&self, changed: impl Fn() + Send + Sync + 'static) {
        let Some(member) = &self.member else { return };
        let breaker = self.breaker.clone();
        member.listening.call_once(|| {
            let heed = move |news| {
                let mattered = match news {
                    News::Opened { ago, left } => breaker.heed_opened(ago, left),
                    News::Closed { ago } => breaker.heed_closed(ago),
                };
                if mattered {
                    changed();
                }
            };
            member.fleet.listen(&member.name, Box::new(heed));
        });
    }
}

/// Who a circuit is among those that share it.
pub(super) struct Member {
    fleet: Arc<dyn Fleet>,
    /// What the others call it, too.
    name: String,
    trial_timeout: Duration,
    /// Whoever is denied for so long without a break is denied by something that is broken.
    patience: Duration,
    /// Since when others were trying whenever this one might have.
    denied_since: Mutex<Option<Instant>>,
    listening: Once,
}

impl Member {
    pub(super) fn new(fleet: &Arc<dyn Fleet>, name: String, config: &breaker::Config) -> Self {
        Self {
            fleet: Arc::clone(fleet),
            name,
            trial_timeout: config.trial_timeout,
            patience: config
                .trial_timeout
                .saturating_add(config.open_max.saturating_mul(10)),
            denied_since: Mutex::default(),
            listening: Once::new(),
        }
    }

    async fn ask(self: &Arc<Self>) -> Result<Option<Lease>, Duration> {
        let asking = self.fleet.ask_for_trial(&self.name, self.trial_timeout);
        let leave = tokio::time::timeout(LONGEST_ASK, asking)
            .await
            .unwrap_or(Leave::Unknown);
        let mut denied_since = self.denied_since.lock().unwrap_or_else(PoisonError::into_inner);
        match leave {
            Leave::Granted => {
                *denied_since = None;
                Ok(Some(Lease(Arc::clone(self))))
            }
            Leave::Taken(left) if denied_since.get_or_insert_with(Instant::now).elapsed() < self.patience => {
                Err(left)
            }
            // Nobody can be asked, or somebody keeps others from trying for ever.
            Leave::Taken(_) | Leave::Unknown => {
                *denied_since = None;
                Ok(None)
            }
        }
    }

    fn tell(&self, transition: &Transition) {
        if transition.to == State::Closed {
            *self.denied_since.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        if transition.heard {
            return;
        }
        match (transition.from, transition.to, transition.open_for) {
            (_, State::Open, Some(open_for)) => self.fleet.opened(&self.name, open_for),
            // What an operator orders holds for one process.
            (State::HalfOpen, State::Closed, _) => self.fleet.closed(&self.name),
            _ => {}
        }
    }
}

/// Leave to make the one trial of a fleet; given back when dropped.
pub(crate) struct Lease(Arc<Member>);

impl Drop for Lease {
    fn drop(&mut self) {
        self.0.fleet.trial_ended(&self.0.name);
    }
}

#[cfg(test)]
mod tests;
