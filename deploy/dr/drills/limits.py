"""The recovery table of the cloud architecture: how long each loss may last, and how much it may cost."""

from dataclasses import dataclass

MINUTE = 60
HOUR = 60 * MINUTE


@dataclass(frozen=True)
class Limit:
    """Seconds until service is back, and seconds of acknowledged calls that may be gone."""

    recovery_time: float
    data_loss: float


RECOVERY_TABLE = {
    "pod": Limit(30, 0),
    "node": Limit(2 * MINUTE, 0),
    "zone": Limit(5 * MINUTE, 0),
    "region": Limit(15 * MINUTE, 1 * MINUTE),
    "corruption": Limit(1 * HOUR, 1 * HOUR),
    "total": Limit(4 * HOUR, 24 * HOUR),
}

# What a drill on one machine cannot measure, because it is the platform's or a person's time. Added to what was measured.
WAITS = {
    # kubelet sees the end of a process at once, and its first restart waits for nothing.
    "pod": {},
    # The node controller's grace period, then the 30 s for which the pods tolerate an unreachable node.
    "node": {"node declared unreachable": 50, "pods tolerate it": 30},
    # The same, and the managed database's own detection.
    "zone": {"node declared unreachable": 50, "pods tolerate it": 30, "database notices": 30},
    # From the alert to the decision, then the edge's probes; names do not change, so no TTL is waited for.
    "region": {"alert": 60, "someone verifies and decides": 300, "the edge's probes": 90},
    "corruption": {"someone notices and decides": 900, "Azure makes a server": 900},
    "total": {"someone verifies and decides": 900, "terraform apply": 3600, "Argo CD syncs": 600},
}
