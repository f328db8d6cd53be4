//! The thread that owns the model: each step takes all running sequences one token further, and reads a bit
//! of the prompts of those that have just come.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{Receiver, TryRecvError},
    },
    time::Instant,
};

use crate::{
    decoder::Decoder,
    engine::GenerateError,
    kernels::Pool,
    kv::Cache,
    sequence::{Job, Sequence, Speech},
};

mod counters;
mod pace;
mod plan;
mod step;
#[cfg(test)]
mod tests;

pub(crate) use counters::Counters;
pub use counters::Place;
pub(crate) use pace::Pace;

/// The state of the thread.
pub(crate) struct Scheduler {
    pub(crate) inbox: Receiver<Job>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) speech: Speech,
    pub(crate) decoder: Box<dyn Decoder>,
    pub(crate) cache: Cache,
    pub(crate) pool: Pool,
    pub(crate) pace: Pace,
    /// Those that have come and have no slot or no memory yet; no more than there are places.
    pub(crate) waiting: VecDeque<Job>,
    /// Oldest first.
    pub(crate) running: Vec<Sequence>,
    /// Whose turn it is first, where not all fit into a step.
    pub(crate) turn: usize,
    /// Whether tokens that are likely to follow are scored with those that are certain.
    pub(crate) guesses: bool,
}

impl Scheduler {
    /// Runs until the last engine is dropped and its last answer has ended.
    pub(crate) fn run(mut self) {
        while self.receive() {
            self.leave_cancelled();
            self.admit();
            if !self.running.is_empty() {
                self.step();
            }
            self.publish();
        }
    }

    /// Takes in what has come; waits only if there is nothing else to do. False once nothing can come and
    /// nothing is left to do.
    fn receive(&mut self) -> bool {
        loop {
            let idle = self.running.is_empty() && self.waiting.is_empty();
            let job = if idle {
                self.inbox.recv().map_err(|_| TryRecvError::Disconnected)
            } else {
                self.inbox.try_recv()
            };
            match job {
                Ok(job) => self.waiting.push_back(job),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return !idle,
            }
        }
    }

    /// Frees what nobody waits for any more.
    fn leave_cancelled(&mut self) {
        self.waiting.retain(|job| !job.events.is_closed());
        let cache = &mut self.cache;
        self.running.retain(|sequence| {
            let gone = sequence.job.events.is_closed();
            if gone {
                cache.release(&sequence.table);
            }
            !gone
        });
    }

    /// Starts those who wait, in the order in which they came, as slots and memory allow.
    fn admit(&mut self) {
        while self.running.len() < self.counters.slots() {
            let Some(job) = self.waiting.pop_front() else {
                return;
            };
            match self.cache.admit(job.most_tokens(), job.scope.as_deref()) {
                Some(table) => self.running.push(Sequence::new(job, table)),
                // Nobody holds memory and it is still too little: waiting would not help.
                None if self.running.is_empty() => job.fail(GenerateError::ContextLengthExceeded {
                    prompt_tokens: job.prompt.len(),
                    max_tokens: job.max_tokens,
                    context_tokens: self.cache.blocks.capacity_tokens(),
                }),
                None => {
                    self.waiting.push_front(job);
                    return;
                }
            }
        }
    }

    /// One pass of the network, and what follows from it.
    fn step(&mut self) {
        let plan = self.plan();
        let started = Instant::now();
        let ended = catch_unwind(AssertUnwindSafe(|| self.forward(&plan)));
        match ended {
            Ok(ended) => {
                self.pace.learn(plan.shares(), started.elapsed());
                self.remove(&ended);
            }
            Err(_) => self.recover(&plan),
        }
    }

    /// Takes ended sequences out; `ended` is in rising order.
    fn remove(&mut self, ended: &[usize]) {
        for &index in ended.iter().rev() {
            let sequence = self.running.remove(index);
            self.cache.release(&sequence.table);
        }
    }

    /// After a step that broke: the cache may hold anything, so all begin again with an empty one. Those who
    /// took part run alone until they have proved sound; one that ran alone has failed.
    fn recover(&mut self, plan: &plan::Plan) {
        if let [(index, _)] = plan.parts[..] {
            let sequence = self.running.remove(index);
            sequence.job.fail(GenerateError::AnswerFailed(
                "the arithmetic of the model broke on it".to_owned(),
            ));
        } else {
            for &(index, _) in &plan.parts {
                self.running[index].suspect = true;
            }
        }
        self.cache = Cache::new(self.cache.blocks.emptied());
        let cache = &mut self.cache;
        // Those who shared a beginning may need more room apart than they had together; the last of them give way.
        self.running.retain_mut(|sequence| {
            let job = &sequence.job;
            if let Some(table) = cache.admit(job.most_tokens(), job.scope.as_deref()) {
                sequence.restart(table);
                return true;
            }
            job.fail(GenerateError::AnswerFailed(
                "the arithmetic of the model broke on another, and there is no memory to begin again"
                    .to_owned(),
            ));
            false
        });
    }

    fn publish(&self) {
        self.counters.publish(self.running.len(), &self.cache);
    }
}
