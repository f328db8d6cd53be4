//! The load generator: calls arrive on schedule, whether or not earlier ones have been answered.
//!
//! Latency counts from the moment when a call was *meant* to begin. So a server that stalls for a second shows that second in
//! each call of it, not in one of them (no coordinated omission).

pub mod assertion;
pub mod call;
pub mod mix;
pub mod record;
pub mod report;
pub mod schedule;
pub mod target;
#[cfg(test)]
mod tests;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::mpsc,
    task::{JoinHandle, JoinSet},
    time::Instant,
};

use crate::traffic::Shape;
use call::{Caller, Ended, Sample};
use mix::Mix;
use record::{Look, Record};
use schedule::Schedule;

/// What is to be done, and when it has to end.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Traffic.
    pub shape: Shape,
    /// How long calls begin.
    pub length: Duration,
    /// Never more calls.
    pub calls_max: usize,
    /// Calls that may be under way; those beyond are not sent, and counted as failures of the generator.
    pub in_flight_max: usize,
    /// What is asked.
    pub mix: Mix,
    /// Evenly spaced instead of at random.
    pub evenly: bool,
    /// Seed of everything random.
    pub seed: u64,
    /// Spending beyond this ends the run; `None` where nothing can be spent.
    pub cost_max: Option<f64>,
}

/// How far a run is, for whoever shows it.
pub type Progress = Box<dyn FnMut(&Record) + Send>;

/// Plays a plan against a server, and gives what was measured.
pub async fn run(plan: &Plan, caller: Caller, mut progress: Progress) -> Record {
    let caller = Arc::new(caller);
    let under_way = Arc::new(AtomicUsize::new(0));
    // Every call sends one sample, and there are never more under way.
    let (tell, mut told) = mpsc::channel::<Sample>(plan.in_flight_max.max(1) + 1);
    let mut record = Record::new();
    let mut calls = JoinSet::new();
    let mut schedule = Schedule::new(plan);
    let begun = Instant::now();
    let mut next = schedule.next();
    let watch = Watch::begin(Arc::clone(&caller), begun);
    let mut looks = tokio::time::interval(Duration::from_secs(1));
    while let Some(arrival) = next.take() {
        tokio::select! {
            biased;
            () = tokio::time::sleep_until(begun + arrival.at) => {
                if under_way.load(Ordering::Acquire) >= plan.in_flight_max {
                    record.add(&Sample::unsent(&arrival));
                } else {
                    under_way.fetch_add(1, Ordering::AcqRel);
                    let (caller, tell, under_way) = (Arc::clone(&caller), tell.clone(), Arc::clone(&under_way));
                    calls.spawn(async move {
                        let sample = caller.call(&arrival, begun).await;
                        under_way.fetch_sub(1, Ordering::AcqRel);
                        // The receiver goes only with the whole run.
                        let _ = tell.send(sample).await;
                    });
                }
                next = schedule.next();
            }
            Some(sample) = told.recv() => {
                record.add(&sample);
                next = Some(arrival);
            }
            _ = looks.tick() => {
                watch.show(&mut record, &mut progress);
                next = Some(arrival);
            }
        }
        while calls.try_join_next().is_some() {}
        if plan.cost_max.is_some_and(|most| record.cost > most) {
            record.stopped = Some("the calls cost more than --max-cost".to_owned());
            break;
        }
    }
    drop(tell);
    drain(&mut told, &mut record, &watch, &mut progress).await;
    watch.show(&mut record, &mut progress);
    record.took = begun.elapsed();
    record
}

/// Waits for the last answers; each call has a time limit of its own.
async fn drain(
    told: &mut mpsc::Receiver<Sample>,
    record: &mut Record,
    watch: &Watch,
    progress: &mut Progress,
) {
    let mut looks = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            sample = told.recv() => match sample {
                Some(sample) => record.add(&sample),
                None => break,
            },
            _ = looks.tick() => watch.show(record, progress),
        }
    }
}

/// Reads the server's metrics every second, beside the schedule: a slow answer must not hold up calls.
struct Watch {
    looks: Arc<Mutex<Vec<Look>>>,
    task: JoinHandle<()>,
}

impl Watch {
    fn begin(caller: Arc<Caller>, begun: Instant) -> Self {
        let looks: Arc<Mutex<Vec<Look>>> = Arc::default();
        let seen = Arc::clone(&looks);
        let task = tokio::spawn(async move {
            let mut seconds = tokio::time::interval(Duration::from_secs(1));
            loop {
                seconds.tick().await;
                if let Some(look) = caller.look(begun).await {
                    seen.lock()
                        .expect("nothing panics while it holds the looks")
                        .push(look);
                }
            }
        });
        Self { looks, task }
    }

    fn show(&self, record: &mut Record, progress: &mut Progress) {
        record.looks.clone_from(
            &self
                .looks
                .lock()
                .expect("nothing panics while it holds the looks"),
        );
        progress(record);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Sample {
    /// A call that the generator could not send in time, since too many were under way.
    fn unsent(arrival: &schedule::Arrival) -> Self {
        Self {
            kind: arrival.ask.kind(),
            began: arrival.at,
            first: None,
            total: Duration::ZERO,
            tokens: 0,
            cost: 0.0,
            ended: Ended::Failed("not_sent".to_owned()),
        }
    }
}
