//! The thread that owns the model: slots take turns, one step each.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
        mpsc::{Receiver, TryRecvError},
    },
};

use crate::{
    architecture::Network,
    decoder::{self, Decoder},
    engine::EngineStats,
    sequence::{self, Job, Sequence, Step},
    vocabulary::Vocabulary,
};

/// What the engine's thread and its callers both see.
#[derive(Debug)]
pub(crate) struct Counters {
    pub(crate) slots: usize,
    places: usize,
    taken: AtomicUsize,
    busy: AtomicUsize,
    kv_bytes: AtomicU64,
}

/// Room for one job, running or waiting; free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Place(Arc<Counters>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Counters {
    /// As many jobs may wait as may run: enough to start the next at once, too few to queue.
    pub(crate) fn new(slots: usize) -> Self {
        Self {
            slots,
            places: slots * 2,
            taken: AtomicUsize::new(0),
            busy: AtomicUsize::new(0),
            kv_bytes: AtomicU64::new(0),
        }
    }

    pub(crate) fn places(&self) -> usize {
        self.places
    }

    pub(crate) fn take_place(self: &Arc<Self>) -> Option<Place> {
        let room = |taken: usize| (taken < self.places).then_some(taken + 1);
        self.taken
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, room)
            .ok()
            .map(|_| Place(self.clone()))
    }

    pub(crate) fn stats(&self) -> EngineStats {
        EngineStats {
            slots: self.slots,
            slots_busy: self.busy.load(Ordering::Acquire),
            kv_bytes: self.kv_bytes.load(Ordering::Acquire),
        }
    }
}

/// The state of the thread.
pub(crate) struct Scheduler {
    pub(crate) inbox: Receiver<Job>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) vocabulary: Arc<Vocabulary>,
    pub(crate) network: Network,
    /// Never fed; others are made from it.
    pub(crate) pristine: Box<dyn Decoder>,
    /// Emptied after use; no more than there were sequences at once.
    pub(crate) idle: Vec<Box<dyn Decoder>>,
    /// Prompt tokens fed in one step: what the model reads in a fraction of a second, so that a cancelled
    /// prompt frees its slot soon.
    pub(crate) chunk_tokens: usize,
}

impl Scheduler {
    /// Runs until the last engine is dropped and its last answer has ended.
    pub(crate) fn run(mut self) {
        let speakable = sequence::speakable(&self.vocabulary);
        let mut running: Vec<Sequence> = Vec::new();
        loop {
            if self.admit(&mut running) == Admission::Closed && running.is_empty() {
                return;
            }
            self.publish(&running);
            let mut index = 0;
            while index < running.len() {
                let sequence = &mut running[index];
                let step = || sequence.step(&self.vocabulary, &speakable, self.chunk_tokens);
                match catch_unwind(AssertUnwindSafe(step)) {
                    Ok(Step::More) => index += 1,
                    Ok(Step::Ended) => self.release(&mut running, index),
                    Err(_) => {
                        // Its decoder may be in any state: it is dropped, and another made when needed.
                        let sequence = running.swap_remove(index);
                        sequence.fail("the tensor library panicked");
                        drop(sequence);
                    }
                }
            }
            self.publish(&running);
        }
    }

    fn release(&mut self, running: &mut Vec<Sequence>, index: usize) {
        let sequence = running.swap_remove(index);
        self.idle.push(sequence.into_decoder());
    }

    /// Takes jobs while slots are free; waits for one only if nothing runs.
    fn admit(&mut self, running: &mut Vec<Sequence>) -> Admission {
        while running.len() < self.counters.slots {
            let job = if running.is_empty() {
                match self.inbox.recv() {
                    Ok(job) => job,
                    Err(_) => return Admission::Closed,
                }
            } else {
                match self.inbox.try_recv() {
                    Ok(job) => job,
                    Err(TryRecvError::Empty) => return Admission::Open,
                    Err(TryRecvError::Disconnected) => return Admission::Closed,
                }
            };
            if job.events.is_closed() {
                continue;
            }
            let decoder = self.decoder();
            running.push(Sequence::new(job, decoder));
        }
        Admission::Open
    }

    fn decoder(&mut self) -> Box<dyn Decoder> {
        self.idle.pop().unwrap_or_else(|| self.pristine.fork())
    }

    fn publish(&self, running: &[Sequence]) {
        let kv_bytes = running
            .iter()
            .map(|sequence| decoder::kv_bytes(&self.network, sequence.tokens()))
            .sum();
        self.counters.busy.store(running.len(), Ordering::Release);
        self.counters.kv_bytes.store(kv_bytes, Ordering::Release);
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Admission {
    /// More may come.
    Open,
    /// No more will come.
    Closed,
}

/// How many prompt tokens to feed in one step, for a model of so many weights.
pub(crate) fn chunk_tokens(parameters: u64) -> usize {
    let chunk = 100_000_000_000_u64 / parameters.max(1);
    let chunk = usize::try_from(chunk).unwrap_or(usize::MAX).clamp(16, 256);
    1 << chunk.ilog2()
}

#[cfg(test)]
mod tests;
