//! What one pod can do, measured on the real server: the numbers that the simulator turns on.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One pod and what it costs. Read from JSON; each field has a default, an unknown one is an error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Service {
    /// Calls a second of one pod while Azure answers: `max_concurrency` divided by the mean time of an answer.
    pub azure_calls_per_second: f64,
    /// How long an answer of Azure takes.
    pub azure_answer_seconds: f64,
    /// From Azure's return until pods use it again, the mean: half of a breaker's longest open time, and half of its ramp.
    pub azure_recovery_seconds: f64,
    /// Calls a second of one pod that its local model answers, slots all busy. They come on top while Azure is there.
    pub local_calls_per_second: f64,
    /// Calls a second that Azure's quota allows all pods together; 0 for no limit.
    pub azure_quota_calls_per_second: f64,
    /// `queue.capacity`: calls that may wait in one pod.
    pub queue_capacity: f64,
    /// `queue.deadline`: a call that would wait longer is refused at once.
    pub deadline_seconds: f64,
    /// From creation until the container starts: scheduling, a node where one is missing, the image.
    pub pending_seconds: f64,
    /// From the container's start until the pod is ready.
    pub start_seconds: f64,
    /// `server.drain_grace`: how long a pod may take to end.
    pub drain_seconds: f64,
    /// Processor time of a call that Azure answers, in seconds.
    pub cpu_seconds_per_azure_call: f64,
    /// Processor time of a call that the local model answers.
    pub cpu_seconds_per_local_call: f64,
    /// Memory of a pod before any slot: program, weights, overhead.
    pub memory_base_mib: f64,
    /// Memory of each slot of the local model: its KV cache.
    pub memory_per_slot_mib: f64,
    /// Slots of the local model.
    pub slots: f64,
    /// What a pod costs an hour.
    pub price_per_pod_hour: f64,
    /// What a thousand calls of Azure cost.
    pub price_per_thousand_azure_calls: f64,
}

impl Default for Service {
    /// A pod with room for 64 calls of 2 s at Azure, and a local model that answers two a second.
    fn default() -> Self {
        Self {
            azure_calls_per_second: 32.0,
            azure_answer_seconds: 2.0,
            azure_recovery_seconds: 20.0,
            local_calls_per_second: 2.0,
            azure_quota_calls_per_second: 0.0,
            queue_capacity: 256.0,
            deadline_seconds: 50.0,
            pending_seconds: 5.0,
            start_seconds: 5.0,
            drain_seconds: 25.0,
            cpu_seconds_per_azure_call: 0.000_12,
            cpu_seconds_per_local_call: 1.5,
            memory_base_mib: 1_600.0,
            memory_per_slot_mib: 128.0,
            slots: 4.0,
            price_per_pod_hour: 0.2,
            price_per_thousand_azure_calls: 0.35,
        }
    }
}

impl Service {
    /// Reads it from JSON.
    ///
    /// # Errors
    /// Names the field and what is wrong with it.
    pub fn read(json: &str) -> Result<Self, String> {
        let service: Self = serde_json::from_str(json).map_err(|error| format!("service model: {error}"))?;
        service.check()?;
        Ok(service)
    }

    fn check(&self) -> Result<(), String> {
        let shown = serde_json::to_value(self).map_err(|error| error.to_string())?;
        for (name, value) in shown.as_object().into_iter().flatten() {
            let number = value.as_f64().unwrap_or(-1.0);
            if !(0.0..=1e12).contains(&number) {
                return Err(format!(
                    "service model: {name} is {value}; it must be from 0 to 1e12"
                ));
            }
        }
        if self.local_calls_per_second + self.azure_calls_per_second <= 0.0 {
            return Err(
                "service model: azure_calls_per_second and local_calls_per_second are both 0, so nothing \
                        would ever be answered; measure them with `mcp-loadtest run`"
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// Memory that a pod holds: weights and KV cache are taken whole, whatever the load.
    pub fn memory_bytes(&self) -> f64 {
        (self.memory_base_mib + self.memory_per_slot_mib * self.slots) * 1_048_576.0
    }

    /// How long an answer of the local model takes, its slots all busy.
    pub fn local_answer_seconds(&self) -> f64 {
        if self.local_calls_per_second > 0.0 {
            self.slots / self.local_calls_per_second
        } else {
            0.0
        }
    }

    pub(super) fn recovery(&self) -> Duration {
        Duration::from_secs_f64(self.azure_recovery_seconds.min(86_400.0))
    }

    pub(super) fn pending(&self) -> Duration {
        Duration::from_secs_f64(self.pending_seconds.min(86_400.0))
    }

    pub(super) fn start(&self) -> Duration {
        Duration::from_secs_f64(self.start_seconds.min(86_400.0))
    }

    pub(super) fn drain(&self) -> Duration {
        Duration::from_secs_f64(self.drain_seconds.min(86_400.0))
    }

    /// Calls a second that one of `pods` gets out of Azure.
    pub(super) fn azure_rate(&self, pods: f64) -> f64 {
        let quota = self.azure_quota_calls_per_second;
        if quota > 0.0 && pods > 0.0 {
            self.azure_calls_per_second.min(quota / pods)
        } else {
            self.azure_calls_per_second
        }
    }
}
