//! Threads that do one thing at a time together.
//!
//! The caller of [`Pool::run`] is one of the threads. Each thread has tasks of its own that follow each other, so that
//! what it reads lies one behind the other, and is asked for ahead to good purpose; who has none left takes the last ones of
//! others. So a thread that loses its CPU holds up the one task that it is in, not a share of them. Waiting threads spin
//! for a bounded while, if at all, then sleep: an idle pool burns nothing.
#![expect(
    unsafe_code,
    reason = "tasks are borrowed from the caller's stack while other threads run them"
)]

use std::{
    any::Any,
    hint,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    ptr,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering},
    },
    thread::{Builder, JoinHandle, yield_now},
};

use super::tier::Tier;

/// Looks for work before a thread goes to sleep; 60 to 120 microseconds. Longer than it takes to pick a token, by a schema too:
/// a worker that has gone to sleep by then makes the next pass wait for it.
const SPINS: usize = 2500;
/// So many of a worker's looks are followed by giving its CPU to whoever else wants it, once. A worker may have been woken on
/// the CPU of the caller that it waits for.
const SPINS_IN_A_ROW: usize = 256;

/// Threads that do one thing at a time together. Clones share them; the last one to go joins them.
#[derive(Clone)]
pub(crate) struct Pool {
    workers: Arc<Workers>,
    tier: Tier,
}

struct Workers {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    /// Tasks that nobody has taken yet, for each thread; the caller's come first.
    shares: Box<[Share]>,
    /// Number of the next run.
    runs: AtomicU32,
    /// The job of the run; valid for whoever took one of its tasks, until that task is counted as done.
    job: AtomicPtr<Job<'static>>,
    /// Tasks of the run that are not done.
    unfinished: AtomicUsize,
    /// Workers that sleep on `wake`.
    sleepers: AtomicUsize,
    /// Guards the sleep of both sides, so that no wake-up is lost.
    sleep: Mutex<()>,
    wake: Condvar,
    finished: Condvar,
    /// Held by the one caller whose tasks the workers do.
    turn: Mutex<()>,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    stop: AtomicBool,
    spins: usize,
}

/// Tasks of one thread, in a line of the cache of their own: number of the run (high half), and the first task and the one
/// behind the last that nobody has taken yet.
#[repr(align(64))]
struct Share(AtomicU64);

/// From which end tasks are taken.
#[derive(Clone, Copy)]
enum End {
    First,
    Last,
}

struct Job<'a> {
    task: &'a (dyn Fn(usize) + Sync),
    /// The task that is number 0 in shares.
    base: usize,
}

/// So many tasks have room in a share's numbers.
const MOST_TASKS: usize = u16::MAX as usize;

impl Pool {
    /// A pool of this many threads, the caller included, that sleep as soon as there is nothing to do.
    ///
    /// Where the system refuses a thread, the pool has fewer.
    pub(crate) fn new(threads: usize) -> Self {
        Self::start(threads, 0, Tier::best())
    }

    /// A pool whose threads look for more work for a short while before they sleep. Only for a process whose
    /// CPU quota covers all of them: a spinning thread takes the CPU from one that works.
    pub(crate) fn spinning(threads: usize) -> Self {
        Self::start(threads, SPINS, Tier::best())
    }

    /// A pool like this one whose tasks use another tier of instructions.
    #[cfg(test)]
    pub(crate) fn with_tier(mut self, tier: Tier) -> Self {
        assert!(tier.is_available(), "this CPU has no {tier:?}");
        self.tier = tier;
        self
    }

    fn start(threads: usize, spins: usize, tier: Tier) -> Self {
        let shared = Arc::new(Shared::new(threads, spins));
        let threads = (1..threads).map_while(|number| {
            let shared = Arc::clone(&shared);
            Builder::new()
                .name(format!("kernels-{number}"))
                .spawn(move || shared.work(number))
                .ok()
        });
        let threads = threads.collect();
        Self {
            workers: Arc::new(Workers { shared, threads }),
            tier,
        }
    }

    /// How many threads there are, the caller included.
    pub(crate) fn threads(&self) -> usize {
        self.workers.threads.len() + 1
    }

    /// The instructions that the tasks of this pool use.
    pub(crate) fn tier(&self) -> Tier {
        self.tier
    }

    /// Calls `task(i)` for each i in `0..tasks`, on all threads, and returns when all are done.
    ///
    /// While another thread has the workers, and inside of a task, the caller does its tasks alone.
    ///
    /// # Panics
    ///
    /// With the first panic of a task, once all tasks are done.
    pub(crate) fn run(&self, tasks: usize, task: &(dyn Fn(usize) + Sync)) {
        let shared = &self.workers.shared;
        let turn = if tasks > 1 && self.threads() > 1 {
            shared.turn.try_lock()
        } else {
            Err(TryLockError::WouldBlock)
        };
        let turn = match turn {
            Ok(turn) => turn,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return (0..tasks).for_each(task),
        };
        for base in (0..tasks).step_by(MOST_TASKS) {
            shared.run(&Job { task, base }, MOST_TASKS.min(tasks - base));
        }
        let panic = lock(&shared.panic).take();
        drop(turn);
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }

    /// Calls `task(i, chunk)` for each chunk of so many values (the last may be shorter), on all threads.
    pub(crate) fn split<T: Send>(
        &self,
        values: &mut [T],
        chunk: usize,
        task: &(dyn Fn(usize, &mut [T]) + Sync),
    ) {
        let total = values.len();
        let start = SharedMut(values.as_mut_ptr());
        assert!(chunk > 0, "a chunk has values");
        self.run(total.div_ceil(chunk), &|index| {
            let from = index * chunk;
            let len = chunk.min(total - from);
            // SAFETY: chunks of different indices do not overlap, each index is run once, and `values` is
            // borrowed until `run` returns.
            let part = unsafe { std::slice::from_raw_parts_mut(start.at(from), len) };
            task(index, part);
        });
    }
}

/// A pointer into a buffer whose parts are written by different tasks.
#[derive(Clone, Copy)]
pub(super) struct SharedMut<T>(pub(super) *mut T);

// SAFETY: it only hands out pointers; whoever writes through one has to know that nobody else does.
unsafe impl<T: Send> Sync for SharedMut<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Send for SharedMut<T> {}

impl<T> SharedMut<T> {
    /// The pointer to the element of this index.
    ///
    /// # Safety
    ///
    /// The index is within the buffer, or one past its end.
    pub(super) unsafe fn at(&self, index: usize) -> *mut T {
        // SAFETY: by this function's contract.
        unsafe { self.0.add(index) }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        drop(lock(&self.shared.sleep));
        self.shared.wake.notify_all();
        for thread in self.threads.drain(..) {
            // A worker catches the panics of tasks and has none of its own.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn new(threads: usize, spins: usize) -> Self {
        Self {
            shares: (0..threads.max(1)).map(|_| Share(AtomicU64::new(0))).collect(),
            runs: AtomicU32::new(0),
            job: AtomicPtr::new(ptr::null_mut()),
            unfinished: AtomicUsize::new(0),
            sleepers: AtomicUsize::new(0),
            sleep: Mutex::new(()),
            wake: Condvar::new(),
            finished: Condvar::new(),
            turn: Mutex::new(()),
            panic: Mutex::new(None),
            stop: AtomicBool::new(false),
            spins,
        }
    }

    /// Publishes a job, works on it, and waits for the last task. The caller holds `turn`.
    fn run(&self, job: &Job<'_>, tasks: usize) {
        self.unfinished.store(tasks, Ordering::Relaxed);
        self.job
            .store(ptr::from_ref(job).cast_mut().cast(), Ordering::Relaxed);
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let mut first = 0;
        for (number, share) in (1..).zip(&self.shares) {
            let end = tasks * number / self.shares.len();
            // Sequentially consistent, as is a worker's announcement of its sleep: either the worker sees the
            // tasks, or this thread sees the sleeper.
            share.0.store(pack(run, first, end), Ordering::SeqCst);
            first = end;
        }
        if self.sleepers.load(Ordering::SeqCst) > 0 {
            drop(lock(&self.sleep));
            self.wake.notify_all();
        }
        while self.take_and_do(0) {}
        self.wait_until_finished();
    }

    fn wait_until_finished(&self) {
        for _ in 0..self.spins {
            if self.unfinished.load(Ordering::Acquire) == 0 {
                return;
            }
            hint::spin_loop();
        }
        let mut sleep = lock(&self.sleep);
        while self.unfinished.load(Ordering::Acquire) > 0 {
            sleep = self.finished.wait(sleep).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The life of a worker.
    fn work(&self, number: usize) {
        while !self.stop.load(Ordering::SeqCst) {
            if !self.take_and_do(number) && !self.spin(number) {
                self.sleep();
            }
        }
    }

    /// Whether tasks for this worker appeared within the time to spin.
    fn spin(&self, number: usize) -> bool {
        (1..=self.spins).any(|spin| {
            if spin.is_multiple_of(SPINS_IN_A_ROW) {
                yield_now();
            } else {
                hint::spin_loop();
            }
            self.shares[number].has_tasks()
        })
    }

    fn sleep(&self) {
        let mut sleep = lock(&self.sleep);
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        while !self.shares.iter().any(Share::has_tasks) && !self.stop.load(Ordering::SeqCst) {
            sleep = self.wake.wait(sleep).unwrap_or_else(PoisonError::into_inner);
        }
        self.sleepers.fetch_sub(1, Ordering::SeqCst);
    }

    /// Takes one task and does it, the first of its own or the last of another thread; false if there was none.
    fn take_and_do(&self, number: usize) -> bool {
        let (before, from) = self.shares.split_at(number);
        let (own, behind) = from.split_at(1);
        let taken = self.take(&own[0], End::First).or_else(|| {
            let mut others = behind.iter().chain(before);
            others.find_map(|share| self.take(share, End::Last))
        });
        let Some((job, index)) = taken else {
            return false;
        };
        // SAFETY: the exchange in `take` took a task of the run that the job belongs to. That run cannot end before
        // this task is counted as done below, so its caller is still inside of `run`, which keeps the job and what
        // it borrows.
        let job = unsafe { &*job };
        let result = catch_unwind(AssertUnwindSafe(|| (job.task)(job.base + index)));
        if let Err(panic) = result {
            lock(&self.panic).get_or_insert(panic);
        }
        // From here on the job may be gone.
        if self.unfinished.fetch_sub(1, Ordering::AcqRel) == 1 {
            drop(lock(&self.sleep));
            self.finished.notify_one();
        }
        true
    }

    /// Takes one task of a share, and the job that it is of: while a task of a run is not taken the run cannot end, so
    /// the job was not replaced between the two loads if the exchange finds the share as it was.
    fn take(&self, share: &Share, end: End) -> Option<(*const Job<'static>, usize)> {
        let mut packed = share.0.load(Ordering::Acquire);
        loop {
            let (run, first, last) = unpack(packed);
            if first == last {
                return None;
            }
            let job = self.job.load(Ordering::Relaxed).cast_const();
            let (index, left) = match end {
                End::First => (first, pack(run, first + 1, last)),
                End::Last => (last - 1, pack(run, first, last - 1)),
            };
            match share
                .0
                .compare_exchange_weak(packed, left, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => return Some((job, index)),
                Err(now) => packed = now,
            }
        }
    }
}

impl Share {
    fn has_tasks(&self) -> bool {
        let (_, first, end) = unpack(self.0.load(Ordering::SeqCst));
        first < end
    }
}

fn pack(run: u32, first: usize, end: usize) -> u64 {
    u64::from(run) << 32 | (first << 16 | end) as u64
}

#[expect(clippy::cast_possible_truncation, reason = "as packed")]
fn unpack(packed: u64) -> (u32, usize, usize) {
    let (first, end) = (packed >> 16 & 0xffff, packed & 0xffff);
    ((packed >> 32) as u32, first as usize, end as usize)
}

/// Nothing that these locks guard can be left half done, so a panic elsewhere does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
