//! The pods: processes that start, answer, and drain.

use std::time::Duration;

use tests::{
    metrics::Metrics,
    server_under_test::{ServerUnderTest, Settings},
};
use tokio::{task::JoinHandle, time::Instant};

use super::{front::Front, throughput::Look};
use crate::scaling::{
    hpa::{Phase, Pod as SeenPod, Sample},
    quantity::Quantity,
};

/// Between leaving the rotation and SIGTERM: requests on their way to the pod still arrive, as during `preStop`.
const PROPAGATION: Duration = Duration::from_millis(300);
/// Longer than `server.drain_grace`; a pod that has not ended then is killed.
const GRACE: Duration = Duration::from_secs(40);

/// One pod.
#[derive(Debug)]
struct Pod {
    id: u64,
    created: Instant,
    state: State,
}

#[derive(Debug)]
enum State {
    Starting(JoinHandle<ServerUnderTest>),
    Ready {
        server: Box<ServerUnderTest>,
        since: Instant,
    },
}

/// All of them.
#[derive(Debug)]
pub(super) struct Fleet {
    settings: Settings,
    begun: Instant,
    pods: Vec<Pod>,
    ending: Vec<JoinHandle<bool>>,
    starts: Vec<Duration>,
    next_id: u64,
    pub(super) drained: u32,
    pub(super) ended_badly: u32,
}

impl Fleet {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            settings,
            begun: Instant::now(),
            pods: Vec::new(),
            ending: Vec::new(),
            starts: Vec::new(),
            next_id: 0,
            drained: 0,
            ended_badly: 0,
        }
    }

    /// The clock of samples and decisions.
    fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    pub(super) fn ready(&self) -> u32 {
        let ready = self
            .pods
            .iter()
            .filter(|pod| matches!(pod.state, State::Ready { .. }));
        u32::try_from(ready.count()).unwrap_or(u32::MAX)
    }

    /// Starts and ends pods until there are as many as wanted.
    pub(super) fn resize(&mut self, wanted: u32, front: &Front) {
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        while self.pods.len() < wanted {
            let settings = self.settings.clone();
            self.next_id += 1;
            self.pods.push(Pod {
                id: self.next_id,
                created: Instant::now(),
                state: State::Starting(tokio::spawn(
                    async move { ServerUnderTest::start(&settings).await },
                )),
            });
        }
        // As the controller: those that are not ready first, then the youngest.
        while self.pods.len() > wanted {
            let starting = self
                .pods
                .iter()
                .rposition(|pod| matches!(pod.state, State::Starting(_)));
            let pod = self.pods.remove(starting.unwrap_or(self.pods.len() - 1));
            self.drain(pod, front);
        }
    }

    fn drain(&mut self, pod: Pod, front: &Front) {
        front.remove(pod.id);
        match pod.state {
            // Nobody has called it yet.
            State::Starting(start) => start.abort(),
            State::Ready { server, .. } => self.ending.push(tokio::spawn(async move {
                let mut server = server;
                tokio::time::sleep(PROPAGATION).await;
                server.sigterm().await;
                server.wait(GRACE).await.success()
            })),
        }
    }

    /// Takes those that have become ready into the rotation, and counts those that have ended.
    pub(super) async fn settle(&mut self, front: &Front) {
        for pod in &mut self.pods {
            let State::Starting(start) = &mut pod.state else {
                continue;
            };
            if !start.is_finished() {
                continue;
            }
            let server = start.await.expect("a server that cannot start has said why");
            front.add(pod.id, server.url("").as_str());
            self.starts.push(pod.created.elapsed());
            pod.state = State::Ready {
                server: Box::new(server),
                since: Instant::now(),
            };
        }
        let mut still = Vec::new();
        for end in std::mem::take(&mut self.ending) {
            if end.is_finished() {
                self.count_end(end.await.unwrap_or(false));
            } else {
                still.push(end);
            }
        }
        self.ending = still;
    }

    fn count_end(&mut self, in_order: bool) {
        self.drained += 1;
        self.ended_badly += u32::from(!in_order);
    }

    pub(super) async fn wait_until_ready(&mut self, front: &Front) {
        while usize::try_from(self.ready()) != Ok(self.pods.len()) {
            tokio::time::sleep(Duration::from_millis(20)).await;
            self.settle(front).await;
        }
    }

    /// Waits for those that drain. The others go with the fleet.
    pub(super) async fn end(&mut self) {
        for end in std::mem::take(&mut self.ending) {
            let in_order = end.await.unwrap_or(false);
            self.count_end(in_order);
        }
    }

    pub(super) fn mean_start(&self) -> Duration {
        let count = u32::try_from(self.starts.len()).unwrap_or(u32::MAX).max(1);
        self.starts.iter().sum::<Duration>() / count
    }

    /// Reads every pod's metrics, as Prometheus and the adapter would, and gives what the controller sees, and what the pod did.
    pub(super) async fn look(&self, names: &[String]) -> Vec<(u64, Look, SeenPod)> {
        let looks = self.pods.iter().map(|pod| self.look_at(pod, names));
        futures::future::join_all(looks).await
    }

    async fn look_at(&self, pod: &Pod, names: &[String]) -> (u64, Look, SeenPod) {
        let idle = Look {
            answered: 0.0,
            waiting: 0.0,
        };
        let unseen = SeenPod {
            phase: Phase::Pending,
            ready: false,
            started: None,
            ready_changed: Duration::ZERO,
            cpu_request: Quantity::default(),
            memory_request: Quantity::default(),
            cpu: None,
            memory: None,
            own: Vec::new(),
        };
        let State::Ready { server, since } = &pod.state else {
            return (pod.id, idle, unseen);
        };
        let metrics: Metrics = server.metrics().await;
        let ended = |outcome| metrics.sum("mcp_calls_total", &[("outcome", outcome)]);
        let look = Look {
            answered: ended("answered") + ended("degraded"),
            waiting: metrics.sum("mcp_queue_depth", &[]),
        };
        let sample = |value| Sample {
            value: Quantity::from_units(value),
            at: self.now(),
            window: Duration::ZERO,
        };
        let since = since.saturating_duration_since(self.begun);
        let seen = SeenPod {
            phase: Phase::Running,
            ready: true,
            started: Some(since),
            ready_changed: since,
            own: names
                .iter()
                .filter_map(|name| Some((name.clone(), sample(metrics.get(name, &[])?))))
                .collect(),
            ..unseen
        };
        (pod.id, look, seen)
    }
}
